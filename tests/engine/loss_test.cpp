#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using kernels::LossKind;
using test::random_tensor;
using DoubleTape = Tape<double>;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr LossKind kAllKinds[] = {LossKind::bce_with_logits, LossKind::cross_entropy, LossKind::mse,
                                  LossKind::pearson, LossKind::poisson_nll};

// Labels for outputs [4, 3], some missing.
Tensor<double> labels(LossKind kind) {
  if (kind == LossKind::cross_entropy) {
    return Tensor<double>::from(std::vector<double>{2, kMissing, 0, 1}, {4, 1});
  }
  return Tensor<double>::from(
      std::vector<double>{0, 1, kMissing, 1, 0, 0.5, kMissing, kMissing, kMissing, 1, 1, 0},
      {4, 3});
}

TEST(LossOp, Gradients) {
  const auto x = random_tensor<double>({4, 3}, 1, -2, 2);
  for (const LossKind kind : kAllKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    const Tensor<double> y = labels(kind);
    test::check_gradients({x}, [&](DoubleTape& tape) { return loss(tape, x, y, kind).mean; });
    EXPECT_FALSE(y.has_gradient());
  }
}

TEST(LossOp, MeanIsSumOverCount) {
  DoubleTape tape;
  const auto x = random_tensor<double>({4, 3}, 1);
  const std::int64_t counts[] = {8, 3, 8, 3, 8};
  for (int i = 0; i < 5; ++i) {
    const Loss<double> result = loss(tape, x, labels(kAllKinds[i]), kAllKinds[i]);
    EXPECT_EQ(result.total.count, counts[i]);
    EXPECT_EQ(*result.mean.data(), result.total.sum / static_cast<double>(counts[i]));
    EXPECT_EQ(result.mean.shape(), Shape{});
  }
}

TEST(LossOp, NothingResolved) {
  DoubleTape tape;
  auto x = random_tensor<double>({2, 2}, 1);
  x.want_gradient();
  const auto y = Tensor<double>::from(std::vector<double>(4, kMissing), {2, 2});
  Loss<double> result = loss(tape, x, y, LossKind::mse);
  EXPECT_EQ(result.total.count, 0);
  EXPECT_TRUE(std::isnan(*result.mean.data()));
  tape.backward(result.mean);
  for (const double slope : x.gradient()) EXPECT_EQ(slope, 0);
}

TEST(LossOp, RefusesLabelsOfAnotherShape) {
  DoubleTape tape;
  const auto x = random_tensor<double>({4, 3}, 1);
  const auto y = random_tensor<double>({4, 1}, 2, 0, 1);
  EXPECT_THROW(loss(tape, x, y, LossKind::mse), std::invalid_argument);
  EXPECT_THROW(loss(tape, x, x, LossKind::cross_entropy), std::invalid_argument);
  EXPECT_THROW(loss(tape, random_tensor<double>({12}, 1), x, LossKind::mse), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::engine
