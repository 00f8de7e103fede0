#include <gtest/gtest.h>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

TEST(ReshapeOp, KeepsTheNumbers) {
  DoubleTape tape;
  const auto x = random_tensor<double>({3, 4, 5}, 1);
  const Tensor<double> y = reshape(tape, x, {6, 10});
  EXPECT_EQ(y.shape(), (Shape{6, 10}));
  EXPECT_TRUE(test::same_bits<double>(y.values(), x.values()));
  EXPECT_EQ(flatten(tape, x).shape(), (Shape{3, 20}));
  EXPECT_EQ(flatten(tape, random_tensor<double>({7}, 1)).shape(), (Shape{7, 1}));
  EXPECT_EQ(flatten(tape, Tensor<double>(Shape{0, 4})).size(), 0);
  EXPECT_THROW(reshape(tape, x, {6, 11}), std::invalid_argument);
}

TEST(ReshapeOp, Gradients) {
  const auto x = random_tensor<double>({3, 1, 5}, 1);
  test::check_gradients({x}, [&](DoubleTape& tape) { return reshape(tape, x, {5, 3}); });
  test::check_gradients({x}, [&](DoubleTape& tape) { return flatten(tape, x); });
  // The two views share numbers, not gradients.
  test::check_gradients({x}, [&](DoubleTape& tape) {
    return sigmoid(tape, reshape(tape, exp(tape, flatten(tape, x)), {15}));
  });
}

}  // namespace
}  // namespace explainn::engine
