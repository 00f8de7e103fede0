#include <gtest/gtest.h>

#include <array>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

// Each unit alone, through the dense layer.
TEST(UnitLinearOp, IsALayerAUnit) {
  constexpr std::size_t kRows = 3, kUnits = 4, kIn = 5, kOut = 2;
  DoubleTape tape;
  const auto x = random_tensor<double>({kRows, kUnits, kIn}, 1);
  const auto w = random_tensor<double>({kUnits * kOut, kIn}, 2);
  const auto bias = random_tensor<double>({kUnits * kOut}, 3);
  const Tensor<double> y = unit_linear(tape, x, w, bias);
  ASSERT_EQ(y.shape(), (Shape{kRows, kUnits, kOut}));
  for (std::size_t u = 0; u < kUnits; ++u) {
    std::vector<double> unit_x;
    for (std::size_t b = 0; b < kRows; ++b) {
      const auto part = x.values().subspan((b * kUnits + u) * kIn, kIn);
      unit_x.insert(unit_x.end(), part.begin(), part.end());
    }
    const Tensor<double> alone =
        linear(tape, Tensor<double>::from(unit_x, {kRows, kIn}),
               Tensor<double>::from(w.values().subspan(u * kOut * kIn, kOut * kIn), {kOut, kIn}),
               Tensor<double>::from(bias.values().subspan(u * kOut, kOut), {kOut}));
    for (std::size_t b = 0; b < kRows; ++b) {
      test::expect_close(y.values().subspan((b * kUnits + u) * kOut, kOut),
                         alone.values().subspan(b * kOut, kOut), 1e-14);
    }
  }
}

TEST(UnitLinearOp, Gradients) {
  const std::array<std::int64_t, 4> sizes[] = {{3, 4, 5, 2}, {3, 1, 1, 1}, {1, 2, 3, 1}};
  for (const auto& [rows, units, in, out] : sizes) {
    const auto x = random_tensor<double>({rows, units, in}, 1);
    const auto w = random_tensor<double>({units * out, in}, 2);
    const auto bias = random_tensor<double>({units * out}, 3);
    test::check_gradients({x, w, bias},
                          [&](DoubleTape& tape) { return unit_linear(tape, x, w, bias); });
  }
}

TEST(UnitLinearOp, RefusesShapesThatDoNotFit) {
  DoubleTape tape;
  const auto shaped = [](Shape shape) { return random_tensor<double>(std::move(shape), 1); };
  const auto x = shaped({2, 3, 4});
  EXPECT_THROW(unit_linear(tape, x, shaped({6, 5}), shaped({6})), std::invalid_argument);
  EXPECT_THROW(unit_linear(tape, x, shaped({7, 4}), shaped({7})), std::invalid_argument);
  EXPECT_THROW(unit_linear(tape, x, shaped({6, 4}), shaped({3})), std::invalid_argument);
  EXPECT_THROW(unit_linear(tape, shaped({2, 12}), shaped({6, 4}), shaped({6})),
               std::invalid_argument);
}

}  // namespace
}  // namespace explainn::engine
