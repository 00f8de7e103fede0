#include <gtest/gtest.h>

#include <array>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

TEST(LinearOp, ByHand) {
  DoubleTape tape;
  const auto x = Tensor<double>::from(std::vector<double>{1, 2, 3, 4}, {2, 2});
  const auto w = Tensor<double>::from(std::vector<double>{1, 0, 0, 1, 1, -1}, {3, 2});
  const auto bias = Tensor<double>::from(std::vector<double>{0, 10, 100}, {3});
  const Tensor<double> y = linear(tape, x, w, bias);
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  test::expect_close(y.values(), std::vector<double>{1, 12, 99, 3, 14, 99}, 1e-30);
}

TEST(LinearOp, Gradients) {
  for (const auto& [rows, in, out] : {std::array<std::int64_t, 3>{3, 5, 4}, {1, 1, 1}, {3, 1, 7}}) {
    const auto x = random_tensor<double>({rows, in}, 1);
    const auto w = random_tensor<double>({out, in}, 2);
    const auto bias = random_tensor<double>({out}, 3);
    test::check_gradients({x, w, bias}, [&](DoubleTape& tape) { return linear(tape, x, w, bias); });
  }
}

TEST(LinearOp, RefusesShapesThatDoNotFit) {
  DoubleTape tape;
  const auto shaped = [](Shape shape) { return random_tensor<double>(std::move(shape), 1); };
  EXPECT_THROW(linear(tape, shaped({2, 3}), shaped({4, 2}), shaped({4})), std::invalid_argument);
  EXPECT_THROW(linear(tape, shaped({2, 3}), shaped({4, 3}), shaped({3})), std::invalid_argument);
  EXPECT_THROW(linear(tape, shaped({2, 1, 3}), shaped({4, 3}), shaped({4})), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::engine
