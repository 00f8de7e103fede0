#include "kernels/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::Twin;
using Numbers = std::vector<double>;

template <typename T>
class DeviceElementwise : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceElementwise, Scalars);

template <typename Function, typename T>
void check_function(std::int64_t size) {
  const Twin<T> x(size, 1, -6, 6);
  const Twin<T> dy(size, 2);
  Numbers y(x.size()), dx(x.size());
  map_forward<Function>(size, x.cpu(), y.data());
  test::expect_gpu_result<T>(y, test::rounding<T>(), "y",
                             [&](T* out) { map_forward<Function>(kGpu, size, x.gpu(), out); });
  // The derivative is taken of what T holds of y.
  const std::vector<T> rounded(y.begin(), y.end());
  const Twin<T> from(Numbers(rounded.begin(), rounded.end()));
  map_backward<Function>(size, from.cpu(), dy.cpu(), Gradient<double>{dx.data()});
  test::expect_gpu_gradient<T>(dx, test::rounding<T>(), "dx", [&](Gradient<T> slot) {
    map_backward<Function>(kGpu, size, from.gpu(), dy.gpu(), slot);
  });
  map_backward<Function>(kGpu, size, from.gpu(), dy.gpu(), Gradient<T>{});
}

TYPED_TEST(DeviceElementwise, EqualsTheCpu) {
  for (const std::int64_t size : {1, 256, 515}) {
    check_function<Exp, TypeParam>(size);
    check_function<Relu, TypeParam>(size);
    check_function<Sigmoid, TypeParam>(size);
  }
}

TYPED_TEST(DeviceElementwise, InPlaceAndWhatIsNotFinite) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  test::OnGpu<T> x({-infinity, infinity, std::numeric_limits<T>::quiet_NaN(), -2, 3});
  map_forward<Relu>(kGpu, 5, x.data(), x.data());
  const std::vector<T> y = x.copy();
  EXPECT_TRUE(y[0] == 0 && y[1] == infinity && std::isnan(y[2]) && y[3] == 0 && y[4] == 3);
  test::OnGpu<T> e({-infinity, infinity, std::numeric_limits<T>::quiet_NaN(), 0});
  map_forward<Exp>(kGpu, 4, e.data(), e.data());
  const std::vector<T> z = e.copy();
  EXPECT_TRUE(z[0] == 0 && z[1] == infinity && std::isnan(z[2]) && z[3] == 1);
}

TYPED_TEST(DeviceElementwise, SoftmaxEqualsTheCpu) {
  using T = TypeParam;
  for (const SoftmaxParams& p :
       {SoftmaxParams{.rows = 5, .columns = 3}, SoftmaxParams{.rows = 1, .columns = 1},
        SoftmaxParams{.rows = 7, .columns = 67}}) {
    const Twin<T> x(p.rows * p.columns, 3, -90, 90);
    const Twin<T> probabilities(p.rows * p.columns, 4, 0, 1);
    const Twin<T> dy(p.rows * p.columns, 5);
    Numbers y(x.size()), dx(x.size());
    softmax_forward(p, x.cpu(), y.data());
    test::expect_gpu_result<T>(y, test::rounding<T>(), "y",
                               [&](T* out) { softmax_forward(kGpu, p, x.gpu(), out); });
    softmax_backward(p, probabilities.cpu(), dy.cpu(), Gradient<double>{dx.data()});
    test::expect_gpu_gradient<T>(dx, test::rounding<T>(), "dx", [&](Gradient<T> slot) {
      softmax_backward(kGpu, p, probabilities.gpu(), dy.gpu(), slot);
    });
  }
}

TYPED_TEST(DeviceElementwise, ScaleIntoEqualsTheCpu) {
  using T = TypeParam;
  const Twin<T> in(300, 6);
  Numbers out(300);
  scale_into(300, 0.375, in.cpu(), Gradient<double>{out.data()});
  test::expect_gpu_gradient<T>(out, test::rounding<T>(), "out", [&](Gradient<T> slot) {
    scale_into(kGpu, 300, T{0.375}, in.gpu(), slot);
  });
}

}  // namespace
}  // namespace explainn::kernels
