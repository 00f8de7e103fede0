#include "kernels/loss/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::OnGpu;
using test::Twin;
using Numbers = std::vector<double>;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr LossKind kAllKinds[] = {LossKind::bce_with_logits, LossKind::cross_entropy, LossKind::mse,
                                  LossKind::pearson, LossKind::poisson_nll};

// Labels that suit the kind; some are missing. Row 1 has none, row 2 one, row 3 is constant.
Numbers labels(const LossParams& p) {
  Numbers y = test::random_values<double>(p.rows * p.label_columns(), 3, 0, 1);
  if (p.kind == LossKind::cross_entropy) {
    for (double& value : y) value = std::floor(value * static_cast<double>(p.tasks));
  }
  if (p.kind == LossKind::poisson_nll) {
    for (double& value : y) value = std::floor(20 * value);
  }
  for (std::size_t i = 0; i < y.size(); i += 4) y[i] = kMissing;
  const auto tasks = static_cast<std::size_t>(p.label_columns());
  for (std::size_t t = 0; p.rows > 3 && t < tasks; ++t) {
    y[tasks + t] = kMissing;
    if (t > 0) y[2 * tasks + t] = kMissing;
    y[3 * tasks + t] = 1;
  }
  return y;
}

template <typename T>
class DeviceLoss : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceLoss, Scalars);

// More rows than warps of a block and threads of the total, more tasks than lanes.
constexpr std::pair<std::int64_t, std::int64_t> kSizes[] = {{7, 5}, {1, 1}, {261, 2}, {6, 67}};

TYPED_TEST(DeviceLoss, EqualsTheCpu) {
  using T = TypeParam;
  for (const LossKind kind : kAllKinds) {
    for (const auto& [rows, tasks] : kSizes) {
      SCOPED_TRACE(cat("kind ", static_cast<int>(kind), ", ", rows, " x ", tasks));
      const LossParams p{.kind = kind, .rows = rows, .tasks = tasks};
      const Twin<T> x(rows * tasks, 2, -3, 3);
      const Numbers wide = labels(p);
      const std::vector<T> y(wide.begin(), wide.end());
      const Numbers cpu_labels(y.begin(), y.end());  // as T holds them
      const test::GpuInput<T> gpu_labels(y);
      Numbers gradient(x.size());
      const LossSum total = loss_and_gradient(p, x.cpu(), cpu_labels.data(), gradient.data());
      const auto expect_total = [&](const LossSum& got) {
        EXPECT_EQ(got.count, total.count);
        EXPECT_NEAR(got.sum, total.sum, 1e-13 * std::max(1.0, std::abs(total.sum)));
      };
      test::expect_gpu_result<T>(gradient, test::rounding<T>(), "gradient", [&](T* out) {
        expect_total(loss_and_gradient(kGpu, p, x.gpu(), gpu_labels.data(), out));
      });
      expect_total(loss_and_gradient<T>(kGpu, p, x.gpu(), gpu_labels.data(), nullptr));
    }
  }
}

TYPED_TEST(DeviceLoss, NothingResolvedIsNothingToLearn) {
  using T = TypeParam;
  for (const LossKind kind : kAllKinds) {
    const LossParams p{.kind = kind, .rows = 2, .tasks = 3};
    const Twin<T> x(6, 1);
    const test::GpuInput<T> y(std::vector<T>(static_cast<std::size_t>(2 * p.label_columns()),
                                             std::numeric_limits<T>::quiet_NaN()));
    OnGpu<T> gradient(6);
    const LossSum total = loss_and_gradient(kGpu, p, x.gpu(), y.data(), gradient.data());
    EXPECT_EQ(total.sum, 0);
    EXPECT_EQ(total.count, 0);
    EXPECT_EQ(gradient.copy(), std::vector<T>(6, T{0}));
  }
}

// Outputs that are all equal have no direction: norms count as 1e-6.
TYPED_TEST(DeviceLoss, PearsonOfConstantOutputs) {
  using T = TypeParam;
  const test::GpuInput<T> x({0.5, 0.5, 0.5}), y({-3, 0, 3});
  OnGpu<T> gradient(3);
  const LossSum total = loss_and_gradient(kGpu, {.kind = LossKind::pearson, .rows = 1, .tasks = 3},
                                          x.data(), y.data(), gradient.data());
  EXPECT_EQ(total.sum, 1);
  EXPECT_EQ(total.count, 1);
  const double slope = 1e6 / std::sqrt(2);
  test::expect_close(gradient.copy(), Numbers{slope, 0, -slope}, test::rounding<T>());
}

}  // namespace
}  // namespace explainn::kernels
