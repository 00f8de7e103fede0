#include "kernels/unit_linear/unit_linear.h"

#include <gtest/gtest.h>

#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

const UnitLinearParams kCases[] = {
    {.batch = 3, .units = 5, .in = 4, .out = 7},   {.batch = 3, .units = 1, .in = 1, .out = 1},
    {.batch = 1, .units = 3, .in = 26, .out = 10}, {.batch = 17, .units = 2, .in = 10, .out = 1},
    {.batch = 50, .units = 4, .in = 1, .out = 33},
};

template <typename T>
struct Layers {
  explicit Layers(const UnitLinearParams& params)
      : p(params),
        x(test::random_values<T>(p.batch * p.units * p.in, 1)),
        w(test::random_values<T>(p.units * p.out * p.in, 2)),
        bias(test::random_values<T>(p.units * p.out, 3)),
        dy(test::random_values<T>(p.batch * p.units * p.out, 4)) {
    dx.resize(x.values().size());
    dw.resize(w.values().size());
    dbias.resize(bias.values().size());
    for (std::int64_t b = 0; b < p.batch; ++b) {
      for (std::int64_t row = 0; row < p.units * p.out; ++row) {
        const std::int64_t u = row / p.out;
        const double slope = dy[b * p.units * p.out + row];
        double sum = 0;
        for (std::int64_t i = 0; i < p.in; ++i) {
          const double input = x[(b * p.units + u) * p.in + i];
          const double weight = w[row * p.in + i];
          sum += input * weight;
          dx[static_cast<std::size_t>((b * p.units + u) * p.in + i)] += slope * weight;
          dw[static_cast<std::size_t>(row * p.in + i)] += slope * input;
        }
        dbias[static_cast<std::size_t>(row)] += slope;
        y_without_bias.push_back(sum);
        y.push_back(sum + static_cast<double>(bias[row]));
      }
    }
  }

  void backward(Gradient<T> into_x, Gradient<T> into_w, Gradient<T> into_bias) const {
    unit_linear_backward(p, x.data(), w.data(), dy.data(), into_x, into_w, into_bias);
  }

  UnitLinearParams p;
  Input<T> x, w, bias, dy;
  std::vector<double> y, y_without_bias, dx, dw, dbias;
};

template <typename T>
class UnitLinear : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(UnitLinear, Scalars);

TYPED_TEST(UnitLinear, Forward) {
  using T = TypeParam;
  for (const UnitLinearParams& p : kCases) {
    const Layers<T> layers(p);
    Guarded<T> y(p.batch * p.units * p.out), without(p.batch * p.units * p.out);
    unit_linear_forward<T>(p, layers.x.data(), layers.w.data(), layers.bias.data(), y.data());
    unit_linear_forward<T>(p, layers.x.data(), layers.w.data(), nullptr, without.data());
    test::expect_close(y.values(), layers.y, test::rounding<T>());
    test::expect_close(without.values(), layers.y_without_bias, test::rounding<T>());
  }
}

TYPED_TEST(UnitLinear, Backward) {
  using T = TypeParam;
  for (const UnitLinearParams& p : kCases) {
    const Layers<T> layers(p);
    test::expect_gradient<T>(layers.dx, test::rounding<T>(), "dx",
                             [&](Gradient<T> dx) { layers.backward(dx, {}, {}); });
    test::expect_gradient<T>(layers.dw, test::rounding<T>(), "dw",
                             [&](Gradient<T> dw) { layers.backward({}, dw, {}); });
    test::expect_gradient<T>(layers.dbias, test::rounding<T>(), "dbias",
                             [&](Gradient<T> dbias) { layers.backward({}, {}, dbias); });
    layers.backward({}, {}, {});
  }
}

TYPED_TEST(UnitLinear, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const Layers<T> layers({.batch = 30, .units = 11, .in = 9, .out = 20});
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> all(layers.y.size() + layers.dx.size() + layers.dw.size() + layers.dbias.size());
    T* const dx = all.data() + layers.y.size();
    T* const dw = dx + layers.dx.size();
    unit_linear_forward(layers.p, layers.x.data(), layers.w.data(), layers.bias.data(), all.data());
    layers.backward({dx}, {dw}, {dw + layers.dw.size()});
    return all;
  });
}

}  // namespace
}  // namespace explainn::kernels
