#include "kernels/base/gemm.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/buffers.h"
#include "tests/support/compare.h"

namespace explainn::kernels {
namespace {

using test::poison;

// A matrix in memory whose rows are `gap` poisoned elements apart: reading a gap spoils the
// product, writing one is seen.
template <typename T>
struct Strided {
  Strided(std::int64_t row_count, std::int64_t column_count, std::int64_t gap, std::uint64_t seed)
      : rows(row_count), columns(column_count), stride(columns + gap), memory([&] {
          std::vector<T> values = test::random_values<T>(rows * stride, seed);
          for (std::int64_t i = 0; i < rows * stride; ++i) {
            if (i % stride >= columns) values[static_cast<std::size_t>(i)] = poison<T>();
          }
          return values;
        }()) {}

  std::int64_t rows, columns, stride;
  test::Guarded<T> memory;

  double at(std::int64_t r, std::int64_t c, Layout layout) const {
    return layout == Layout::plain ? memory[r * stride + c] : memory[c * stride + r];
  }
};

template <typename T>
Strided<T> operand(std::int64_t rows, std::int64_t columns, Layout layout, std::uint64_t seed) {
  const bool plain = layout == Layout::plain;
  return Strided<T>(plain ? rows : columns, plain ? columns : rows, 3, seed);
}

template <typename T>
void check_product(std::array<std::int64_t, 3> sizes, Layout la, Layout lb, Write write) {
  const auto [m, n, k] = sizes;
  Strided<T> a = operand<T>(m, k, la, 1);
  Strided<T> b = operand<T>(k, n, lb, 2);
  Strided<T> c(m, n, 5, 3);
  if (write == Write::overwrite) {
    std::fill_n(c.memory.data(), c.memory.values().size(), poison<T>());
  }
  std::vector<double> expected(c.memory.values().begin(), c.memory.values().end());
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = write == Write::overwrite ? 0 : c.at(i, j, Layout::plain);
      for (std::int64_t l = 0; l < k; ++l) sum += a.at(i, l, la) * b.at(l, j, lb);
      expected[static_cast<std::size_t>(i * c.stride + j)] = sum;
    }
  }
  const std::vector<T> a_before = a.memory.copy();
  const std::vector<T> b_before = b.memory.copy();
  gemm<T>(m, n, k, {a.memory.data(), a.stride}, la, {b.memory.data(), b.stride}, lb,
          {c.memory.data(), c.stride}, write);
  test::expect_close(c.memory.values(), expected, test::rounding<T>(),
                     cat("m n k = ", m, " ", n, " ", k, la == Layout::plain ? ", A" : ", A'",
                         lb == Layout::plain ? " B" : " B'"));
  EXPECT_TRUE(test::same_bits<T>(a.memory.values(), a_before));
  EXPECT_TRUE(test::same_bits<T>(b.memory.values(), b_before));
}

template <typename T>
class Gemm : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Scalars);

TYPED_TEST(Gemm, IsTheSumOfProducts) {
  const std::array<std::int64_t, 3> sizes[] = {{1, 1, 1},  {3, 5, 2},    {1, 50, 19},
                                               {64, 1, 7}, {17, 33, 65}, {100, 182, 76},
                                               {5, 7, 0},  {2, 3, 300}};
  for (const auto& size : sizes) {
    for (const Layout la : {Layout::plain, Layout::transposed}) {
      for (const Layout lb : {Layout::plain, Layout::transposed}) {
        for (const Write write : {Write::overwrite, Write::accumulate}) {
          check_product<TypeParam>(size, la, lb, write);
        }
      }
    }
  }
}

}  // namespace
}  // namespace explainn::kernels
