#include "kernels/dropout/dropout.h"

#include <gtest/gtest.h>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::OnGpu;
using Numbers = std::vector<double>;

template <typename T>
class DeviceDropout : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceDropout, Scalars);

TYPED_TEST(DeviceDropout, DecidesAsTheCpu) {
  using T = TypeParam;
  for (const std::int64_t size : {1, 255, 1027}) {
    for (const double probability : {0.0, 0.3, 0.999}) {
      const DropoutParams p{.probability = probability, .seed = 1714, .step = 5, .stream = 2};
      std::vector<std::uint8_t> kept(static_cast<std::size_t>(size));
      dropout_mask(p, size, kept.data());
      OnGpu<std::uint8_t> gpu_kept(size);
      test::in_every_order([&] {
        dropout_mask(kGpu, p, size, gpu_kept.data());
        EXPECT_EQ(gpu_kept.copy(), kept);
      });

      const test::Twin<T> x(size, 1);
      Numbers y(x.size());
      dropout_apply(size, p.scale(), kept.data(), x.cpu(), Gradient<double>{y.data()});
      test::expect_gpu_gradient<T>(y, test::rounding<T>(), "y", [&](Gradient<T> slot) {
        dropout_apply(kGpu, size, p.scale(), gpu_kept.data(), x.gpu(), slot);
      });
    }
  }
}

}  // namespace
}  // namespace explainn::kernels
