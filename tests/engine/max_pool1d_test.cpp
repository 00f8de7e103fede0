#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using DoubleTape = Tape<double>;

// All numbers differ by at least 0.01, so that finite differences change no maximum.
Tensor<double> distinct(Shape shape) {
  Tensor<double> x(std::move(shape));
  double next = -1;
  for (double& value : x.values()) value = next += 0.01;
  std::shuffle(x.values().begin(), x.values().end(), std::mt19937(1));
  return x;
}

TEST(MaxPool1dOp, ByHand) {
  DoubleTape tape;
  const auto x =
      Tensor<double>::from(std::vector<double>{3, 1, 2, 5, 4, 9, 0, 0, 7, 7, 7, 8}, {1, 2, 6});
  const Tensor<double> apart = max_pool1d(tape, x, 2, 2);
  EXPECT_EQ(apart.shape(), (Shape{1, 2, 3}));
  test::expect_close(apart.values(), std::vector<double>{3, 5, 9, 0, 7, 8}, 1e-30);
  const Tensor<double> overlapping = max_pool1d(tape, x, 4, 1);
  EXPECT_EQ(overlapping.shape(), (Shape{1, 2, 3}));
  test::expect_close(overlapping.values(), std::vector<double>{5, 5, 9, 7, 7, 8}, 1e-30);
  EXPECT_EQ(max_pool1d(tape, x, 6, 1).shape(), (Shape{1, 2, 1}));
}

TEST(MaxPool1dOp, Gradients) {
  const Tensor<double> x = distinct({3, 2, 13});
  // Windows that leave a rest, that overlap, that leave gaps, that span everything.
  const std::pair<std::int64_t, std::int64_t> windows[] = {{5, 5}, {4, 2}, {2, 3}, {13, 1}, {1, 1}};
  for (const auto& [width, stride] : windows) {
    SCOPED_TRACE(width);
    test::check_gradients(
        {x}, [&, w = width, s = stride](DoubleTape& tape) { return max_pool1d(tape, x, w, s); });
  }
}

TEST(MaxPool1dOp, ATieSendsTheGradientToTheFirst) {
  DoubleTape tape;
  auto x = Tensor<double>::from(std::vector<double>{2, 7, 7, 7}, {1, 1, 4});
  x.want_gradient();
  auto sum = test::weighted_sum(tape, max_pool1d(tape, x, 3, 1), {1, 10});
  tape.backward(sum);
  test::expect_close(x.gradient(), std::vector<double>{0, 11, 0, 0}, 1e-30);
}

TEST(MaxPool1dOp, RefusesWindowsThatDoNotFit) {
  DoubleTape tape;
  const Tensor<double> x = distinct({2, 3, 4});
  EXPECT_THROW(max_pool1d(tape, x, 5, 1), std::invalid_argument);
  EXPECT_THROW(max_pool1d(tape, x, 0, 1), std::invalid_argument);
  EXPECT_THROW(max_pool1d(tape, x, 2, 0), std::invalid_argument);
  EXPECT_THROW(max_pool1d(tape, distinct({6, 4}), 2, 2), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::engine
