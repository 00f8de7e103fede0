#include "kernels/max_pool/max_pool.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::OnGpu;
using Numbers = std::vector<double>;

// Windows side by side, overlapping, with gaps, one, of one position, and a rest.
const MaxPoolParams kCases[] = {
    {.rows = 3, .length = 20, .width = 7, .stride = 7},
    {.rows = 5, .length = 21, .width = 5, .stride = 2},
    {.rows = 4, .length = 23, .width = 3, .stride = 6},
    {.rows = 1, .length = 9, .width = 9, .stride = 1},
    {.rows = 40, .length = 13, .width = 1, .stride = 1},
};

template <typename T>
class DeviceMaxPool : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceMaxPool, Scalars);

TYPED_TEST(DeviceMaxPool, EqualsTheCpu) {
  using T = TypeParam;
  for (const MaxPoolParams& p : kCases) {
    SCOPED_TRACE(cat("length ", p.length, ", width ", p.width, ", stride ", p.stride));
    // Few different numbers, so that there are ties.
    Numbers few = test::random_values<double>(p.rows * p.length, 1, 0, 5);
    for (double& value : few) value = std::floor(value);
    const test::Twin<T> x(few);
    const test::Twin<T> dy(p.rows * p.pooled(), 2);
    Numbers y(dy.size()), dx(x.size());
    std::vector<std::int32_t> index(dy.size());
    max_pool_forward(p, x.cpu(), y.data(), index.data());
    max_pool_backward(p, index.data(), dy.cpu(), Gradient<double>{dx.data()});

    OnGpu<std::int32_t> gpu_index(p.rows * p.pooled());
    test::expect_gpu_result<T>(y, 0, "y", [&](T* out) {
      max_pool_forward(kGpu, p, x.gpu(), out, gpu_index.data());
      EXPECT_EQ(gpu_index.copy(), index);
    });
    test::expect_gpu_result<T>(y, 0, "y",
                               [&](T* out) { max_pool_forward(kGpu, p, x.gpu(), out, nullptr); });
    test::expect_gpu_gradient<T>(dx, test::rounding<T>(), "dx", [&](Gradient<T> slot) {
      max_pool_backward(kGpu, p, gpu_index.data(), dy.gpu(), slot);
    });
  }
}

TYPED_TEST(DeviceMaxPool, ANanWins) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const test::GpuInput<T> x({1, nan, 5, 2, 3, nan});
  OnGpu<T> y(2);
  OnGpu<std::int32_t> index(2);
  max_pool_forward(kGpu, {.rows = 1, .length = 6, .width = 3, .stride = 3}, x.data(), y.data(),
                   index.data());
  EXPECT_TRUE(std::isnan(y.copy()[0]) && std::isnan(y.copy()[1]));
  EXPECT_EQ(index.copy(), (std::vector<std::int32_t>{1, 5}));
}

}  // namespace
}  // namespace explainn::kernels
