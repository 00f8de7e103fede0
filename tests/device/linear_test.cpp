#include "kernels/linear/linear.h"

#include <gtest/gtest.h>

#include "kernels/unit_linear/unit_linear.h"
#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::Twin;
using Numbers = std::vector<double>;

template <typename T>
class DeviceLinear : public test::DeviceTest {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DeviceLinear, Scalars);

// Tiles of 64 rows, 64 columns and 16 terms below, at and above their ends.
TYPED_TEST(DeviceLinear, EqualsTheCpu) {
  using T = TypeParam;
  for (const LinearParams& p :
       {LinearParams{.rows = 3, .in = 7, .out = 5}, LinearParams{.rows = 1, .in = 1, .out = 1},
        LinearParams{.rows = 64, .in = 16, .out = 64},
        LinearParams{.rows = 67, .in = 33, .out = 70}}) {
    SCOPED_TRACE(cat(p.rows, " x ", p.in, " -> ", p.out));
    const Twin<T> x(p.rows * p.in, 1), w(p.out * p.in, 2), bias(p.out, 3), dy(p.rows * p.out, 4);
    for (const bool biased : {true, false}) {
      Numbers y(dy.size());
      linear_forward(p, x.cpu(), w.cpu(), biased ? bias.cpu() : nullptr, y.data());
      test::expect_gpu_result<T>(y, test::rounding<T>(), "y", [&](T* out) {
        linear_forward(kGpu, p, x.gpu(), w.gpu(), biased ? bias.gpu() : nullptr, out);
      });
    }
    Numbers dx(x.size()), dw(w.size()), dbias(bias.size());
    linear_backward(p, x.cpu(), w.cpu(), dy.cpu(), Gradient<double>{dx.data()},
                    Gradient<double>{dw.data()}, Gradient<double>{dbias.data()});
    const auto backward = [&](Gradient<T> into_x, Gradient<T> into_w, Gradient<T> into_bias) {
      linear_backward(kGpu, p, x.gpu(), w.gpu(), dy.gpu(), into_x, into_w, into_bias);
    };
    test::expect_gpu_gradient<T>(dx, test::rounding<T>(), "dx",
                                 [&](Gradient<T> slot) { backward(slot, {}, {}); });
    test::expect_gpu_gradient<T>(dw, test::rounding<T>(), "dw",
                                 [&](Gradient<T> slot) { backward({}, slot, {}); });
    test::expect_gpu_gradient<T>(dbias, test::rounding<T>(), "dbias",
                                 [&](Gradient<T> slot) { backward({}, {}, slot); });
  }
}

TYPED_TEST(DeviceLinear, UnitsEqualTheCpu) {
  using T = TypeParam;
  for (const UnitLinearParams& p :
       {UnitLinearParams{.batch = 3, .units = 4, .in = 7, .out = 5},
        UnitLinearParams{.batch = 1, .units = 1, .in = 1, .out = 1},
        UnitLinearParams{.batch = 9, .units = 3, .in = 65, .out = 1},
        UnitLinearParams{.batch = 70, .units = 2, .in = 26, .out = 66}}) {
    SCOPED_TRACE(cat(p.batch, " x ", p.units, " x ", p.in, " -> ", p.out));
    const Twin<T> x(p.batch * p.units * p.in, 1), w(p.units * p.out * p.in, 2),
        bias(p.units * p.out, 3), dy(p.batch * p.units * p.out, 4);
    for (const bool biased : {true, false}) {
      Numbers y(dy.size());
      unit_linear_forward(p, x.cpu(), w.cpu(), biased ? bias.cpu() : nullptr, y.data());
      test::expect_gpu_result<T>(y, test::rounding<T>(), "y", [&](T* out) {
        unit_linear_forward(kGpu, p, x.gpu(), w.gpu(), biased ? bias.gpu() : nullptr, out);
      });
    }
    Numbers dx(x.size()), dw(w.size()), dbias(bias.size());
    unit_linear_backward(p, x.cpu(), w.cpu(), dy.cpu(), Gradient<double>{dx.data()},
                         Gradient<double>{dw.data()}, Gradient<double>{dbias.data()});
    const auto backward = [&](Gradient<T> into_x, Gradient<T> into_w, Gradient<T> into_bias) {
      unit_linear_backward(kGpu, p, x.gpu(), w.gpu(), dy.gpu(), into_x, into_w, into_bias);
    };
    test::expect_gpu_gradient<T>(dx, test::rounding<T>(), "dx",
                                 [&](Gradient<T> slot) { backward(slot, {}, {}); });
    test::expect_gpu_gradient<T>(dw, test::rounding<T>(), "dw",
                                 [&](Gradient<T> slot) { backward({}, slot, {}); });
    test::expect_gpu_gradient<T>(dbias, test::rounding<T>(), "dbias",
                                 [&](Gradient<T> slot) { backward({}, {}, slot); });
  }
}

}  // namespace
}  // namespace explainn::kernels
