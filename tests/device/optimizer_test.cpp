#include "kernels/optimizer/optimizer.h"

#include <gtest/gtest.h>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::OnGpu;
using test::Twin;
using Numbers = std::vector<double>;

constexpr std::int64_t kSize = 256 + 11;
constexpr std::uint64_t kSteps = 20;

template <typename T>
class DeviceOptimizer : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceOptimizer, Scalars);

// Fed equal gradients.
TYPED_TEST(DeviceOptimizer, AdamEqualsTheCpu) {
  using T = TypeParam;
  Numbers m(kSize), v(kSize), w = test::random_values<double>(kSize, 1);
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    const Numbers g = test::random_values<double>(kSize, 100 + step);
    adam_update({.lr = 0.003, .step = static_cast<std::int64_t>(step)}, kSize, g.data(), m.data(),
                v.data(), w.data());
  }
  test::expect_gpu_result<T>(w, 1e-6, "weight", [&](T* out) {
    OnGpu<T> gpu_m(std::vector<T>(kSize, T{0})), gpu_v(std::vector<T>(kSize, T{0}));
    OnGpu<T> gpu_w(test::random_values<T>(kSize, 1));
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
      const Twin<T> g(kSize, 100 + step);
      adam_update(kGpu, {.lr = 0.003, .step = static_cast<std::int64_t>(step)}, kSize, g.gpu(),
                  gpu_m.data(), gpu_v.data(), gpu_w.data());
    }
    test::expect_close(gpu_m.copy(), m, test::rounding<T>(), "m");
    test::expect_close(gpu_v.copy(), v, test::rounding<T>(), "v");
    copy_bytes(kGpu, out, kGpu, gpu_w.data(), kSize * sizeof(T));
  });
}

TYPED_TEST(DeviceOptimizer, SgdEqualsTheCpu) {
  using T = TypeParam;
  for (const double momentum : {0.0, 0.9}) {
    const auto params = [&](std::uint64_t step) {
      return SgdParams{.lr = 0.01, .momentum = momentum, .first_step = step == 1};
    };
    Numbers velocity(kSize), w = test::random_values<double>(kSize, 1);
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
      const Numbers g = test::random_values<double>(kSize, 200 + step);
      sgd_update(params(step), kSize, g.data(), momentum == 0 ? nullptr : velocity.data(),
                 w.data());
    }
    test::expect_gpu_result<T>(w, test::rounding<T>(), "weight", [&](T* out) {
      OnGpu<T> gpu_velocity(kSize);
      OnGpu<T> gpu_w(test::random_values<T>(kSize, 1));
      for (std::uint64_t step = 1; step <= kSteps; ++step) {
        const Twin<T> g(kSize, 200 + step);
        sgd_update(kGpu, params(step), kSize, g.gpu(),
                   momentum == 0 ? nullptr : gpu_velocity.data(), gpu_w.data());
      }
      copy_bytes(kGpu, out, kGpu, gpu_w.data(), kSize * sizeof(T));
    });
  }
}

}  // namespace
}  // namespace explainn::kernels
