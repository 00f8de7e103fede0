#include "kernels/batch_norm/batch_norm.h"

#include <gtest/gtest.h>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::OnGpu;
using test::Twin;
using Numbers = std::vector<double>;

// Less than a warp, a warp, and more values than threads a channel.
const BatchNormParams kCases[] = {
    {.batch = 3, .channels = 5, .inner = 7},
    {.batch = 2, .channels = 1, .inner = 1},
    {.batch = 1, .channels = 2, .inner = 2},
    {.batch = 32, .channels = 3, .inner = 1},
    {.batch = 7, .channels = 2, .inner = 83},
    {.batch = 5, .channels = 2, .inner = 4, .eps = 1e-3, .momentum = 0.25},
};

template <typename T>
struct Norm {
  Norm(const BatchNormParams& p, double centre)
      : x(p.batch * p.channels * p.inner, 1, centre - 1, centre + 1),
        dy(p.batch * p.channels * p.inner, 2),
        gamma(p.channels, 3, -2, 2),
        beta(p.channels, 4),
        running_mean(p.channels, 5),
        running_var(p.channels, 6, 0.1, 3) {}
  Twin<T> x, dy, gamma, beta, running_mean, running_var;
};

template <typename T>
class DeviceBatchNorm : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceBatchNorm, Scalars);

// All that batch_norm_train writes, in one row.
template <typename T>
void check_forward(const BatchNormParams& p, const Norm<T>& n, double tolerance) {
  const auto channels = static_cast<std::size_t>(p.channels);
  Numbers y(n.x.size()), mean(channels), inv_std(channels);
  Numbers running_mean = n.running_mean.values(), running_var = n.running_var.values();
  batch_norm_train(p, n.x.cpu(), n.gamma.cpu(), n.beta.cpu(), y.data(), mean.data(), inv_std.data(),
                   running_mean.data(), running_var.data());
  test::expect_gpu_result<T>(y, tolerance, "y", [&](T* out) {
    OnGpu<double> m(p.channels), s(p.channels);
    const Numbers& before = n.running_mean.values();
    const Numbers& var_before = n.running_var.values();
    OnGpu<T> rm(std::vector<T>(before.begin(), before.end()));
    OnGpu<T> rv(std::vector<T>(var_before.begin(), var_before.end()));
    batch_norm_train(kGpu, p, n.x.gpu(), n.gamma.gpu(), n.beta.gpu(), out, m.data(), s.data(),
                     rm.data(), rv.data());
    test::expect_close(m.copy(), mean, 1e-13, "mean");
    test::expect_close(s.copy(), inv_std, 1e-13, "1 / standard deviation");
    test::expect_close(rm.copy(), running_mean, test::rounding<T>(), "running mean");
    test::expect_close(rv.copy(), running_var, test::rounding<T>(), "running variance");
  });
  test::expect_gpu_result<T>(y, tolerance, "y without running statistics", [&](T* out) {
    OnGpu<double> m(p.channels), s(p.channels);
    batch_norm_train<T>(kGpu, p, n.x.gpu(), n.gamma.gpu(), n.beta.gpu(), out, m.data(), s.data(),
                        nullptr, nullptr);
  });
  batch_norm_eval(p, n.x.cpu(), n.gamma.cpu(), n.beta.cpu(), n.running_mean.cpu(),
                  n.running_var.cpu(), y.data());
  test::expect_gpu_result<T>(y, tolerance, "y in evaluation", [&](T* out) {
    batch_norm_eval(kGpu, p, n.x.gpu(), n.gamma.gpu(), n.beta.gpu(), n.running_mean.gpu(),
                    n.running_var.gpu(), out);
  });
}

template <typename T>
void check_backward(const BatchNormParams& p, const Norm<T>& n, double tolerance) {
  const auto channels = static_cast<std::size_t>(p.channels);
  Numbers y(n.x.size()), mean(channels), inv_std(channels);
  batch_norm_train<double>(p, n.x.cpu(), n.gamma.cpu(), n.beta.cpu(), y.data(), mean.data(),
                           inv_std.data(), nullptr, nullptr);
  Numbers dx(n.x.size()), dgamma(channels), dbeta(channels);
  batch_norm_backward(p, n.x.cpu(), n.dy.cpu(), n.gamma.cpu(), mean.data(), inv_std.data(),
                      Gradient<double>{dx.data()}, Gradient<double>{dgamma.data()},
                      Gradient<double>{dbeta.data()});
  const test::GpuInput<double> m(mean), s(inv_std);
  const auto backward = [&](Gradient<T> into_x, Gradient<T> into_gamma, Gradient<T> into_beta) {
    batch_norm_backward(kGpu, p, n.x.gpu(), n.dy.gpu(), n.gamma.gpu(), m.data(), s.data(), into_x,
                        into_gamma, into_beta);
  };
  test::expect_gpu_gradient<T>(dx, tolerance, "dx",
                               [&](Gradient<T> slot) { backward(slot, {}, {}); });
  test::expect_gpu_gradient<T>(dgamma, tolerance, "dgamma",
                               [&](Gradient<T> slot) { backward({}, slot, {}); });
  test::expect_gpu_gradient<T>(dbeta, tolerance, "dbeta",
                               [&](Gradient<T> slot) { backward({}, {}, slot); });
}

TYPED_TEST(DeviceBatchNorm, EqualsTheCpu) {
  for (const BatchNormParams& p : kCases) {
    SCOPED_TRACE(cat(p.batch, " x ", p.channels, " x ", p.inner));
    const Norm<TypeParam> n(p, 0.5);
    check_forward(p, n, test::rounding<TypeParam>());
    check_backward(p, n, test::rounding<TypeParam>());
  }
}

// A mean a thousand times the spread: sums of squares in float, or a mean rounded to float, would
// lose digits here.
TYPED_TEST(DeviceBatchNorm, KeepsItsDigitsFarFromZero) {
  const BatchNormParams& p = kCases[4];
  const Norm<TypeParam> n(p, 1000);
  const double tolerance = std::is_same_v<TypeParam, float> ? 2e-6 : 1e-11;
  check_backward(p, n, tolerance);
}

}  // namespace
}  // namespace explainn::kernels
