#include "kernels/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// More than two blocks of the kernels, the last one short.
constexpr std::int64_t kSize = 2 * 16384 + 5;

// f and f' by the C library, in double.
struct Reference {
  double (*value)(double);
  double (*derivative)(double);
};

template <typename Function>
Reference reference();
template <>
Reference reference<Exp>() {
  return {[](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }};
}
template <>
Reference reference<Relu>() {
  return {[](double x) { return x > 0 ? x : 0; }, [](double x) { return x > 0 ? 1.0 : 0.0; }};
}
template <>
Reference reference<Sigmoid>() {
  return {[](double x) { return (1 + std::tanh(x / 2)) / 2; },
          [](double x) { return 0.25 / (std::cosh(x / 2) * std::cosh(x / 2)); }};
}

template <typename Function, typename T>
void check_map() {
  const Reference f = reference<Function>();
  const Input<T> x(test::random_values<T>(kSize, 1, -4, 4));
  const Input<T> dy(test::random_values<T>(kSize, 2));
  std::vector<double> expected, expected_dx;
  for (std::int64_t i = 0; i < kSize; ++i) {
    expected.push_back(f.value(x[i]));
    expected_dx.push_back(f.derivative(x[i]) * static_cast<double>(dy[i]));
  }
  Guarded<T> y(kSize);
  map_forward<Function>(kSize, x.data(), y.data());
  test::expect_close(y.values(), expected, test::rounding<T>());

  Guarded<T> in_place(std::vector<T>(x.values().begin(), x.values().end()));
  map_forward<Function>(kSize, in_place.data(), in_place.data());
  EXPECT_TRUE(test::same_bits<T>(in_place.values(), y.values()));

  test::expect_gradient<T>(expected_dx, test::rounding<T>(), "dx", [&](Gradient<T> dx) {
    map_backward<Function>(kSize, y.data(), dy.data(), dx);
  });
  map_backward<Function>(kSize, y.data(), dy.data(), Gradient<T>{});
}

template <typename T>
class Elementwise : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Elementwise, Scalars);

TYPED_TEST(Elementwise, Exp) {
  check_map<Exp, TypeParam>();
}

TYPED_TEST(Elementwise, Relu) {
  check_map<Relu, TypeParam>();
}

TYPED_TEST(Elementwise, Sigmoid) {
  check_map<Sigmoid, TypeParam>();
}

TYPED_TEST(Elementwise, ExtremeArguments) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(Sigmoid::value(T{1000}), 1);
  EXPECT_EQ(Sigmoid::value(T{-1000}), 0);
  EXPECT_EQ(Sigmoid::value(-infinity), 0);
  EXPECT_TRUE(std::isnan(Sigmoid::value(nan)));
  EXPECT_TRUE(std::isnan(Relu::value(nan)));
  EXPECT_EQ(Relu::value(-infinity), 0);
  EXPECT_EQ(Relu::value(infinity), infinity);
  EXPECT_EQ(Relu::derivative(T{0}), 0) << "PyTorch's choice at the kink";
}

TYPED_TEST(Elementwise, NoElements) {
  Guarded<TypeParam> y(0);
  map_forward<Relu>(0, y.data(), y.data());
  scale_into(0, TypeParam{2}, y.data(), Gradient<TypeParam>{y.data()});
}

TYPED_TEST(Elementwise, ScaleInto) {
  using T = TypeParam;
  const Input<T> in(test::random_values<T>(kSize, 3));
  std::vector<double> expected;
  for (const T value : in.values()) expected.push_back(-2.5 * static_cast<double>(value));
  test::expect_gradient<T>(expected, test::rounding<T>(), "out",
                           [&](Gradient<T> out) { scale_into(kSize, T{-2.5}, in.data(), out); });
  scale_into(kSize, T{2}, in.data(), Gradient<T>{});
}

TYPED_TEST(Elementwise, Softmax) {
  using T = TypeParam;
  const SoftmaxParams p{.rows = 5, .columns = 7};
  const Input<T> x(test::random_values<T>(35, 4, -3, 3));
  const Input<T> dy(test::random_values<T>(35, 5));
  std::vector<double> expected(35), expected_dx(35);
  for (std::size_t row = 0; row < 35; row += 7) {
    double sum = 0;
    double dot = 0;
    for (std::size_t i = row; i < row + 7; ++i) sum += std::exp(static_cast<double>(x.values()[i]));
    for (std::size_t i = row; i < row + 7; ++i) {
      expected[i] = std::exp(static_cast<double>(x.values()[i])) / sum;
      dot += expected[i] * static_cast<double>(dy.values()[i]);
    }
    for (std::size_t i = row; i < row + 7; ++i) {
      expected_dx[i] = expected[i] * (static_cast<double>(dy.values()[i]) - dot);
    }
  }
  Guarded<T> y(35);
  softmax_forward(p, x.data(), y.data());
  test::expect_close(y.values(), expected, test::rounding<T>());
  test::expect_gradient<T>(expected_dx, test::rounding<T>(), "dx",
                           [&](Gradient<T> dx) { softmax_backward(p, y.data(), dy.data(), dx); });
  softmax_backward(p, y.data(), dy.data(), Gradient<T>{});
}

TYPED_TEST(Elementwise, SoftmaxOfLargeNumbersAndOfOneColumn) {
  using T = TypeParam;
  const Input<T> large({10000, 10000, -10000, 5});
  Guarded<T> y(4);
  softmax_forward({.rows = 2, .columns = 2}, large.data(), y.data());
  EXPECT_EQ(y.copy(), (std::vector<T>{0.5, 0.5, 0, 1}));
  softmax_forward({.rows = 4, .columns = 1}, large.data(), y.data());
  EXPECT_EQ(y.copy(), (std::vector<T>{1, 1, 1, 1}));
}

TYPED_TEST(Elementwise, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const std::vector<T> x = test::random_values<T>(kSize, 6, -4, 4);
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> y(x.size());
    map_forward<Sigmoid>(kSize, x.data(), y.data());
    map_backward<Sigmoid>(kSize, y.data(), x.data(), Gradient<T>{y.data(), Write::accumulate});
    scale_into(kSize, T{3}, x.data(), Gradient<T>{y.data(), Write::accumulate});
    return y;
  });
}

}  // namespace
}  // namespace explainn::kernels
