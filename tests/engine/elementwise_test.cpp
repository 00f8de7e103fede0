#include <gtest/gtest.h>

#include <cmath>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

// Random numbers that keep away from relu's kink.
Tensor<double> away_from_zero(Shape shape) {
  Tensor<double> x = random_tensor<double>(std::move(shape), 1, -2, 2);
  for (double& value : x.values()) value += value < 0 ? -0.01 : 0.01;
  return x;
}

TEST(ElementwiseOps, Values) {
  DoubleTape tape;
  const auto x = Tensor<double>::from(std::vector<double>{-1, 0, 2}, {3});
  EXPECT_EQ(exp(tape, x).values()[2], std::exp(2.0));
  EXPECT_EQ(relu(tape, x).values()[0], 0);
  EXPECT_EQ(relu(tape, x).values()[2], 2);
  EXPECT_EQ(sigmoid(tape, x).values()[1], 0.5);
  const Tensor<double> y = softmax(tape, x);
  EXPECT_NEAR(y.values()[0] + y.values()[1] + y.values()[2], 1, 1e-15);
  EXPECT_NEAR(y.values()[2] / y.values()[1], std::exp(2.0), 1e-13);
}

TEST(ElementwiseOps, FloatIsNearDouble) {
  Tape<float> float_tape;
  DoubleTape tape;
  const auto xf = random_tensor<float>({3, 5, 7}, 2, -5, 5);
  const auto xd = random_tensor<double>({3, 5, 7}, 2, -5, 5);
  test::expect_close(exp(float_tape, xf).values(), exp(tape, xd).values(), 3e-7, "exp");
  test::expect_close(sigmoid(float_tape, xf).values(), sigmoid(tape, xd).values(), 3e-7, "sigmoid");
  test::expect_close(softmax(float_tape, xf).values(), softmax(tape, xd).values(), 3e-7, "softmax");
  test::expect_close(relu(float_tape, xf).values(), relu(tape, xd).values(), 1e-30, "relu");
}

TEST(ElementwiseOps, Gradients) {
  const Tensor<double> x = away_from_zero({3, 1, 5});
  test::check_gradients({x}, [&](DoubleTape& tape) { return exp(tape, x); });
  test::check_gradients({x}, [&](DoubleTape& tape) { return relu(tape, x); });
  test::check_gradients({x}, [&](DoubleTape& tape) { return sigmoid(tape, x); });
  test::check_gradients({x}, [&](DoubleTape& tape) { return softmax(tape, x); });
}

TEST(ElementwiseOps, SoftmaxOverOneElementIsOne) {
  const auto x = random_tensor<double>({4, 1}, 3);
  DoubleTape tape;
  const Tensor<double> y = softmax(tape, x);
  for (const double value : y.values()) EXPECT_EQ(value, 1);
  test::check_gradients({x}, [&](DoubleTape& t) { return softmax(t, x); });
}

}  // namespace
}  // namespace explainn::engine
