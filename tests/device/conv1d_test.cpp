#include "kernels/conv1d/conv1d.h"

#include <gtest/gtest.h>

#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using Numbers = std::vector<double>;

// One window, one unit, width one, groups of one and of several channels, tiles of 128 positions, 8
// channels and 64 filter positions below, at and above their ends, more samples than a run of them.
const Conv1dParams kCases[] = {
    {.batch = 3, .in_channels = 4, .length = 19, .out_channels = 5, .width = 7},
    {.batch = 1, .in_channels = 1, .length = 1, .out_channels = 1, .width = 1},
    {.batch = 2, .in_channels = 3, .length = 9, .out_channels = 8, .width = 9},
    {.batch = 3, .in_channels = 12, .length = 11, .out_channels = 6, .width = 4, .groups = 3},
    {.batch = 5, .in_channels = 4, .length = 6, .out_channels = 4, .width = 3, .groups = 4},
    {.batch = 19, .in_channels = 2, .length = 40, .out_channels = 9, .width = 3},
    {.batch = 1, .in_channels = 2, .length = 210, .out_channels = 3, .width = 67},
};

template <typename T>
class DeviceConv1d : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceConv1d, Scalars);

TYPED_TEST(DeviceConv1d, EqualsTheCpu) {
  using T = TypeParam;
  constexpr double kTolerance = test::rounding<T>();
  for (const Conv1dParams& p : kCases) {
    SCOPED_TRACE(cat("length ", p.length, ", width ", p.width, ", groups ", p.groups));
    const test::Twin<T> x(p.batch * p.in_channels * p.length, 1);
    const test::Twin<T> w(p.out_channels * p.group_in() * p.width, 2);
    const test::Twin<T> bias(p.out_channels, 3);
    const test::Twin<T> dy(p.batch * p.out_channels * p.positions(), 4);

    for (const bool biased : {true, false}) {
      Numbers y(dy.size());
      conv1d_forward(p, x.cpu(), w.cpu(), biased ? bias.cpu() : nullptr, y.data());
      test::expect_gpu_result<T>(y, kTolerance, "y", [&](T* out) {
        conv1d_forward(kGpu, p, x.gpu(), w.gpu(), biased ? bias.gpu() : nullptr, out);
      });
    }
    Numbers dx(x.size()), dw(w.size()), dbias(bias.size());
    conv1d_backward_input(p, w.cpu(), dy.cpu(), Gradient<double>{dx.data()});
    conv1d_backward_weight(p, x.cpu(), dy.cpu(), Gradient<double>{dw.data()},
                           Gradient<double>{dbias.data()});
    test::expect_gpu_gradient<T>(dx, kTolerance, "dx", [&](Gradient<T> slot) {
      conv1d_backward_input(kGpu, p, w.gpu(), dy.gpu(), slot);
    });
    test::expect_gpu_gradient<T>(dw, kTolerance, "dw", [&](Gradient<T> slot) {
      conv1d_backward_weight(kGpu, p, x.gpu(), dy.gpu(), slot, {});
    });
    test::expect_gpu_gradient<T>(dbias, kTolerance, "dbias", [&](Gradient<T> slot) {
      conv1d_backward_weight(kGpu, p, x.gpu(), dy.gpu(), {}, slot);
    });
  }
}

}  // namespace
}  // namespace explainn::kernels
