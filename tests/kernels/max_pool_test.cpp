#include "kernels/max_pool/max_pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// Windows that do not divide the length, that overlap, that leave gaps, that span everything; more
// rows than the kernel's block of 64.
const MaxPoolParams kCases[] = {
    {.rows = 3, .length = 19, .width = 7, .stride = 7},
    {.rows = 5, .length = 13, .width = 4, .stride = 2},
    {.rows = 2, .length = 11, .width = 2, .stride = 5},
    {.rows = 1, .length = 9, .width = 9, .stride = 1},
    {.rows = 1, .length = 1, .width = 1, .stride = 1},
    {.rows = 4, .length = 6, .width = 1, .stride = 1},
    {.rows = 129, .length = 8, .width = 3, .stride = 3},
};

template <typename T>
class MaxPool : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(MaxPool, Scalars);

TYPED_TEST(MaxPool, ForwardAndBackward) {
  using T = TypeParam;
  for (const MaxPoolParams& p : kCases) {
    const std::int64_t pooled = p.pooled();
    EXPECT_LE((pooled - 1) * p.stride + p.width, p.length);
    EXPECT_GT(pooled * p.stride + p.width, p.length);
    // Few different numbers, so that ties are common.
    std::vector<T> values = test::random_values<T>(p.rows * p.length, 1, -3, 3);
    for (T& value : values) value = std::round(value);
    const Input<T> x(values), dy(test::random_values<T>(p.rows * pooled, 2));
    std::vector<T> y;
    std::vector<std::int32_t> index;
    std::vector<double> dx(values.size());
    for (std::int64_t window = 0; window < p.rows * pooled; ++window) {
      const std::int64_t row = window / pooled * p.length;
      std::int64_t best = window % pooled * p.stride;
      for (std::int64_t t = 0; t < p.width; ++t) {
        const std::int64_t other = window % pooled * p.stride + t;
        if (x[row + other] > x[row + best]) best = other;
      }
      y.push_back(x[row + best]);
      index.push_back(static_cast<std::int32_t>(best));
      dx[static_cast<std::size_t>(row + best)] += static_cast<double>(dy[window]);
    }
    Guarded<T> out(p.rows * pooled), without_index(p.rows * pooled);
    Guarded<std::int32_t> out_index(p.rows * pooled);
    max_pool_forward(p, x.data(), out.data(), out_index.data());
    max_pool_forward(p, x.data(), without_index.data(), nullptr);
    EXPECT_EQ(out.copy(), y);
    EXPECT_EQ(without_index.copy(), y);
    EXPECT_EQ(out_index.copy(), index);
    test::expect_gradient<T>(dx, test::rounding<T>(), "dx", [&](Gradient<T> into) {
      max_pool_backward(p, out_index.data(), dy.data(), into);
    });
    max_pool_backward(p, out_index.data(), dy.data(), Gradient<T>{});
  }
}

TYPED_TEST(MaxPool, NanWinsAndInfinityCounts) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T inf = std::numeric_limits<T>::infinity();
  const Input<T> x({1, nan, 5, nan, 7, 2, 3, 1, 9,  //
                    nan, 4, 4, inf, 1, inf, -inf, -inf, -inf});
  Guarded<T> y(6);
  Guarded<std::int32_t> index(6);
  max_pool_forward({.rows = 2, .length = 9, .width = 3, .stride = 3}, x.data(), y.data(),
                   index.data());
  EXPECT_EQ(index.copy(), (std::vector<std::int32_t>{1, 3, 8, 0, 3, 6}));
  EXPECT_TRUE(test::same_bits<T>(y.values(), std::vector<T>{nan, nan, 9, nan, inf, -inf}));
}

TYPED_TEST(MaxPool, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const MaxPoolParams p{.rows = 200, .length = 31, .width = 5, .stride = 2};
  const std::vector<T> x = test::random_values<T>(p.rows * p.length, 1);
  const std::size_t pooled = static_cast<std::size_t>(p.rows * p.pooled());
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> all(pooled + x.size());
    std::vector<std::int32_t> index(pooled);
    max_pool_forward(p, x.data(), all.data(), index.data());
    max_pool_backward(p, index.data(), all.data(), Gradient<T>{all.data() + pooled});
    return all;
  });
}

}  // namespace
}  // namespace explainn::kernels
