#include <gtest/gtest.h>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

constexpr kernels::DropoutParams kParams{.probability = 0.3, .seed = 1, .step = 2, .stream = 2};

TEST(DropoutOp, AppliesTheMaskOfItsParameters) {
  DoubleTape tape;
  const auto x = random_tensor<double>({3, 7, 11}, 1, 1, 2);
  const Tensor<double> y = dropout(tape, x, kParams);
  std::vector<std::uint8_t> kept(231);
  kernels::dropout_mask(kParams, 231, kept.data());
  std::vector<double> expected;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    expected.push_back(kept[i] == 1 ? x.values()[i] / 0.7 : 0);
  }
  EXPECT_EQ(y.shape(), x.shape());
  test::expect_close(y.values(), expected, 1e-14);
}

TEST(DropoutOp, Gradients) {
  const auto x = random_tensor<double>({3, 5, 7}, 1);
  test::check_gradients({x}, [&](DoubleTape& tape) { return dropout(tape, x, kParams); });
}

TEST(DropoutOp, ProbabilityZeroChangesNothing) {
  DoubleTape tape;
  const auto x = random_tensor<double>({13}, 1);
  const Tensor<double> y = dropout(tape, x, {.probability = 0, .seed = 1, .step = 0, .stream = 2});
  EXPECT_TRUE(test::same_bits<double>(y.values(), x.values()));
}

TEST(DropoutOp, RefusesProbabilitiesOutsideOfTheUnitInterval) {
  DoubleTape tape;
  const auto x = random_tensor<double>({13}, 1);
  for (const double probability : {-0.1, 1.0, 1.5, static_cast<double>(NAN)}) {
    EXPECT_THROW(dropout(tape, x, {.probability = probability, .seed = 1, .step = 0, .stream = 2}),
                 std::invalid_argument);
  }
}

}  // namespace
}  // namespace explainn::engine
