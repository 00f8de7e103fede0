#include "kernels/linear/linear.h"

#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// 32 rows, 8 outputs and sums over 256 rows are the kernel's blocks: sizes below, at and above
// them.
const LinearParams kCases[] = {{3, 7, 5},    {1, 1, 1},    {64, 3, 32},
                               {65, 10, 33}, {130, 1, 50}, {515, 20, 9}};

template <typename T>
struct Layer {
  explicit Layer(const LinearParams& params)
      : p(params),
        x(test::random_values<T>(p.rows * p.in, 1)),
        w(test::random_values<T>(p.out * p.in, 2)),
        bias(test::random_values<T>(p.out, 3)),
        dy(test::random_values<T>(p.rows * p.out, 4)) {
    dx.resize(x.values().size());
    dw.resize(w.values().size());
    dbias.resize(bias.values().size());
    for (std::int64_t b = 0; b < p.rows; ++b) {
      for (std::int64_t o = 0; o < p.out; ++o) {
        const double slope = dy[b * p.out + o];
        double sum = 0;
        for (std::int64_t i = 0; i < p.in; ++i) {
          const double input = x[b * p.in + i];
          const double weight = w[o * p.in + i];
          sum += input * weight;
          dx[static_cast<std::size_t>(b * p.in + i)] += slope * weight;
          dw[static_cast<std::size_t>(o * p.in + i)] += slope * input;
        }
        dbias[static_cast<std::size_t>(o)] += slope;
        y_without_bias.push_back(sum);
        y.push_back(sum + static_cast<double>(bias[o]));
      }
    }
  }

  void backward(Gradient<T> into_x, Gradient<T> into_w, Gradient<T> into_bias) const {
    linear_backward(p, x.data(), w.data(), dy.data(), into_x, into_w, into_bias);
  }

  LinearParams p;
  Input<T> x, w, bias, dy;
  std::vector<double> y, y_without_bias, dx, dw, dbias;
};

template <typename T>
class Linear : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Linear, Scalars);

TYPED_TEST(Linear, Forward) {
  for (const LinearParams& p : kCases) {
    const Layer<TypeParam> layer(p);
    Guarded<TypeParam> y(p.rows * p.out), without(p.rows * p.out);
    linear_forward<TypeParam>(p, layer.x.data(), layer.w.data(), layer.bias.data(), y.data());
    linear_forward<TypeParam>(p, layer.x.data(), layer.w.data(), nullptr, without.data());
    test::expect_close(y.values(), layer.y, test::rounding<TypeParam>());
    test::expect_close(without.values(), layer.y_without_bias, test::rounding<TypeParam>());
  }
}

TYPED_TEST(Linear, ForwardGivesARowTheSameBitsWhateverTheRowsBesideIt) {
  using T = TypeParam;
  const LinearParams p{.rows = 70, .in = 37, .out = 11};
  const Layer<T> layer(p);
  Guarded<T> together(p.rows * p.out);
  linear_forward<T>(p, layer.x.data(), layer.w.data(), layer.bias.data(), together.data());
  for (std::int64_t rows = 1; rows < p.rows; ++rows) {
    const std::int64_t begin = p.rows - rows;
    Guarded<T> alone(rows * p.out);
    linear_forward<T>({rows, p.in, p.out}, layer.x.data() + begin * p.in, layer.w.data(),
                      layer.bias.data(), alone.data());
    const auto same_rows = together.values().subspan(static_cast<std::size_t>(begin * p.out));
    EXPECT_TRUE(test::same_bits<T>(same_rows, alone.values())) << rows << " rows";
  }
}

TYPED_TEST(Linear, Backward) {
  using T = TypeParam;
  for (const LinearParams& p : kCases) {
    const Layer<T> layer(p);
    test::expect_gradient<T>(layer.dx, test::rounding<T>(), "dx",
                             [&](Gradient<T> dx) { layer.backward(dx, {}, {}); });
    test::expect_gradient<T>(layer.dw, test::rounding<T>(), "dw",
                             [&](Gradient<T> dw) { layer.backward({}, dw, {}); });
    test::expect_gradient<T>(layer.dbias, test::rounding<T>(), "dbias",
                             [&](Gradient<T> dbias) { layer.backward({}, {}, dbias); });
    Guarded<T> dx(p.rows * p.in), dw(p.out * p.in), dbias(p.out);
    layer.backward({dx.data()}, {dw.data()}, {dbias.data()});
    test::expect_close(dx.values(), layer.dx, test::rounding<T>(), "dx of all three");
    test::expect_close(dw.values(), layer.dw, test::rounding<T>(), "dw of all three");
    test::expect_close(dbias.values(), layer.dbias, test::rounding<T>(), "dbias of all three");
    layer.backward({}, {}, {});
  }
}

TYPED_TEST(Linear, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const Layer<T> layer({.rows = 200, .in = 9, .out = 70});
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> all(layer.y.size() + layer.dx.size() + layer.dw.size() + layer.dbias.size());
    T* const dx = all.data() + layer.y.size();
    T* const dw = dx + layer.dx.size();
    linear_forward(layer.p, layer.x.data(), layer.w.data(), layer.bias.data(), all.data());
    layer.backward({dx}, {dw}, {dw + layer.dw.size()});
    return all;
  });
}

}  // namespace
}  // namespace explainn::kernels
