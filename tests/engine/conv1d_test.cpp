#include <gtest/gtest.h>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

TEST(Conv1dOp, ByHand) {
  DoubleTape tape;
  const auto x = Tensor<double>::from(std::vector<double>{1, 2, 3, 4, 10, 20, 30, 40}, {1, 2, 4});
  const auto w = Tensor<double>::from(std::vector<double>{1, 0, -1, 0.5, 0, 0}, {1, 2, 3});
  const auto bias = Tensor<double>::from(std::vector<double>{100}, {1});
  const Tensor<double> y = conv1d(tape, x, w, bias);
  EXPECT_EQ(y.shape(), (Shape{1, 1, 2}));
  EXPECT_EQ(y.values()[0], 1 - 3 + 5 + 100);
  EXPECT_EQ(y.values()[1], 2 - 4 + 10 + 100);
  EXPECT_FALSE(y.wants_gradient());
}

TEST(Conv1dOp, OneGroupAChannelIsOneConvolutionAChannel) {
  DoubleTape tape;
  const auto x = random_tensor<double>({3, 2, 9}, 1);
  const auto w = random_tensor<double>({2, 1, 4}, 2);
  const Tensor<double> y = conv1d(tape, x, w, {}, 2);
  ASSERT_EQ(y.shape(), (Shape{3, 2, 6}));
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t t = 0; t < 6; ++t) {
      double sum = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        sum += x.values()[row * 9 + t + k] * w.values()[row % 2 * 4 + k];
      }
      EXPECT_NEAR(y.values()[row * 6 + t], sum, 1e-14);
    }
  }
}

TEST(Conv1dOp, Gradients) {
  const auto x = random_tensor<double>({3, 4, 9}, 1);
  const auto w = random_tensor<double>({5, 4, 3}, 2);
  const auto bias = random_tensor<double>({5}, 3);
  test::check_gradients({x, w, bias}, [&](DoubleTape& tape) { return conv1d(tape, x, w, bias); });
  test::check_gradients({x, w}, [&](DoubleTape& tape) { return conv1d(tape, x, w, {}); });
}

TEST(Conv1dOp, GradientsOfGroups) {
  const auto x = random_tensor<double>({3, 6, 7}, 1);
  const auto w = random_tensor<double>({9, 2, 3}, 2);
  const auto bias = random_tensor<double>({9}, 3);
  test::check_gradients({x, w, bias},
                        [&](DoubleTape& tape) { return conv1d(tape, x, w, bias, 3); });
}

TEST(Conv1dOp, GradientsOfOneUnitAndOneWindow) {
  const auto x = random_tensor<double>({3, 4, 5}, 1);
  const auto w = random_tensor<double>({1, 4, 5}, 2);
  const auto bias = random_tensor<double>({1}, 3);
  test::check_gradients({x, w, bias}, [&](DoubleTape& tape) { return conv1d(tape, x, w, bias); });
}

TEST(Conv1dOp, RefusesShapesThatDoNotFit) {
  DoubleTape tape;
  const auto x = random_tensor<double>({2, 4, 6}, 1);
  const auto shaped = [](Shape shape) { return random_tensor<double>(std::move(shape), 2); };
  EXPECT_THROW(conv1d(tape, x, shaped({3, 4, 7}), {}), std::invalid_argument) << "wider than x";
  EXPECT_THROW(conv1d(tape, x, shaped({3, 3, 2}), {}), std::invalid_argument) << "channels";
  EXPECT_THROW(conv1d(tape, x, shaped({3, 2, 2}), {}, 2), std::invalid_argument) << "3 in 2 groups";
  EXPECT_THROW(conv1d(tape, x, shaped({3, 4, 2}), {}, 0), std::invalid_argument);
  EXPECT_THROW(conv1d(tape, x, shaped({12, 2}), {}), std::invalid_argument) << "rank";
  EXPECT_THROW(conv1d(tape, x, shaped({3, 4, 2}), shaped({4})), std::invalid_argument) << "bias";
}

}  // namespace
}  // namespace explainn::engine
