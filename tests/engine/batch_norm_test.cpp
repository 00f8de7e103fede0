#include <gtest/gtest.h>

#include <cmath>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

BatchNorm<double> random_norm(std::int64_t channels) {
  return {.gamma = random_tensor<double>({channels}, 1, -2, 2),
          .beta = random_tensor<double>({channels}, 2),
          .running_mean = random_tensor<double>({channels}, 3),
          .running_var = random_tensor<double>({channels}, 4, 0.5, 2)};
}

TEST(BatchNormOp, ByHand) {
  DoubleTape tape;
  BatchNorm<double> norm{.gamma = Tensor<double>::from(std::vector{2.0}, {1}),
                         .beta = Tensor<double>::from(std::vector{1.0}, {1}),
                         .running_mean = Tensor<double>::from(std::vector{10.0}, {1}),
                         .running_var = Tensor<double>::from(std::vector{20.0}, {1}),
                         .eps = 0};
  const auto x = Tensor<double>::from(std::vector<double>{1, 3, 3, 5}, {4, 1});
  // Mean 3, variance 2 (unbiased 8/3).
  const Tensor<double> y = batch_norm_train(tape, x, norm);
  const double root = std::sqrt(2.0);
  test::expect_close(y.values(), std::vector{1 - 2 * root, 1.0, 1.0, 1 + 2 * root}, 1e-14);
  EXPECT_NEAR(norm.running_mean.values()[0], 0.9 * 10 + 0.1 * 3, 1e-14);
  EXPECT_NEAR(norm.running_var.values()[0], 0.9 * 20 + 0.1 * 8 / 3, 1e-14);

  norm.running_mean.data()[0] = 1;
  norm.running_var.data()[0] = 4;
  const Tensor<double> z = batch_norm_eval(x, norm);
  test::expect_close(z.values(), std::vector<double>{1, 3, 3, 5}, 1e-14);
  EXPECT_FALSE(z.wants_gradient());
}

TEST(BatchNormOp, NormalisesEveryChannel) {
  DoubleTape tape;
  BatchNorm<double> norm = random_norm(3);
  const Tensor<double> y = batch_norm_train(tape, random_tensor<double>({5, 3, 7}, 5, 2, 9), norm);
  for (std::size_t c = 0; c < 3; ++c) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < 35; ++i) {
      const double value = y.values()[(i / 7 * 3 + c) * 7 + i % 7] - norm.beta.values()[c];
      mean += value / 35;
      square += value * value / 35;
    }
    EXPECT_NEAR(mean, 0, 1e-13);
    EXPECT_NEAR(std::sqrt(square), std::abs(norm.gamma.values()[c]), 1e-4) << "but for eps";
  }
}

TEST(BatchNormOp, Gradients) {
  for (const Shape& shape : {Shape{3, 4, 5}, Shape{5, 3}, Shape{1, 2, 4}, Shape{2, 1}}) {
    SCOPED_TRACE(to_string(shape));
    BatchNorm<double> norm = random_norm(shape[1]);
    const auto x = random_tensor<double>(shape, 6);
    test::check_gradients(
        {x, norm.gamma, norm.beta},
        [&](DoubleTape& tape) { return batch_norm_train(tape, x, norm); }, 1e-9);
    EXPECT_FALSE(norm.running_mean.has_gradient());
    EXPECT_FALSE(norm.running_var.has_gradient());
  }
}

TEST(BatchNormOp, GammaAndBetaMayBeOneTensor) {
  BatchNorm<double> norm = random_norm(3);
  norm.beta = norm.gamma;
  const auto x = random_tensor<double>({3, 3, 2}, 6);
  test::check_gradients(
      {x, norm.gamma}, [&](DoubleTape& tape) { return batch_norm_train(tape, x, norm); }, 1e-9);
}

TEST(BatchNormOp, RefusesWhatCannotBeNormalised) {
  DoubleTape tape;
  BatchNorm<double> norm = random_norm(3);
  const auto before = test::random_values<double>(3, 3);
  EXPECT_THROW(batch_norm_train(tape, random_tensor<double>({1, 3}, 1), norm),
               std::invalid_argument);
  EXPECT_THROW(batch_norm_train(tape, random_tensor<double>({4, 2}, 1), norm),
               std::invalid_argument);
  EXPECT_THROW(batch_norm_train(tape, random_tensor<double>({3}, 1), norm), std::invalid_argument);
  EXPECT_THROW(batch_norm_eval(random_tensor<double>({4, 2}, 1), norm), std::invalid_argument);
  EXPECT_TRUE(test::same_bits<double>(norm.running_mean.values(), before));
  EXPECT_NO_THROW(batch_norm_eval(random_tensor<double>({1, 3}, 1), norm));
}

}  // namespace
}  // namespace explainn::engine
