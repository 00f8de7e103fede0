// The small products of the unit pass against sums in double, in every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

template <typename T>
void check(const Loops<T>& loops, std::int64_t rows, std::int64_t inner, std::int64_t columns,
           bool transposed, bool add) {
  const std::int64_t a_row = transposed ? 1 : inner + 3;
  const std::int64_t a_inner = transposed ? rows + 2 : 1;
  const std::int64_t b_row = columns + 5;
  const std::int64_t c_row = columns + 7;
  const std::vector<T> a = test::random_values<T>(rows * inner + 5 * (rows + inner), 1);
  const std::vector<T> b = test::random_values<T>((inner + 1) * b_row, 2);
  const std::vector<T> before = test::random_values<T>(rows * c_row, 3);
  test::Guarded<T> c(rows * c_row);
  for (std::int64_t i = 0; i < rows * c_row; ++i) {
    // What is not read is poisoned, what lies between rows must stay.
    const bool poison = !add && i % c_row < columns;
    c.data()[i] = poison ? std::numeric_limits<T>::quiet_NaN() : before[i];
  }
  loops.product(
      {rows, inner, columns, a.data(), a_row, a_inner, b.data(), b_row, c.data(), c_row, add});
  const std::vector<T> got = c.copy();
  for (std::int64_t i = 0; i < rows * c_row; ++i) {
    const std::int64_t row = i / c_row;
    const std::int64_t column = i % c_row;
    if (column >= columns) {
      ASSERT_EQ(got[i], before[i]);
      continue;
    }
    double sum = add ? before[i] : 0;
    double terms = std::abs(sum);
    for (std::int64_t k = 0; k < inner; ++k) {
      const double term = static_cast<double>(a[row * a_row + k * a_inner]) * b[k * b_row + column];
      sum += term;
      terms += std::abs(term);
    }
    const double bound = static_cast<double>(inner) * std::numeric_limits<T>::epsilon() * terms;
    ASSERT_NEAR(got[i], sum, bound) << rows << 'x' << inner << 'x' << columns << " at " << i;
  }
}

class UnitPassProduct : public testing::TestWithParam<InstructionSet> {};

TEST_P(UnitPassProduct, IsTheDefinition) {
  for (const std::int64_t rows : {1, 2, 3, 5, 11, 12, 26, 100}) {
    for (const std::int64_t inner : {1, 26, 101}) {
      for (const std::int64_t columns : {16, 32, 48, 64, 96, 112, 128, 176}) {
        for (const int kind : {0, 1, 2, 3}) {
          check(loops<float>(GetParam()), rows, inner, columns, kind % 2 == 1, kind > 1);
          check(loops<double>(GetParam()), rows, inner, columns, kind % 2 == 1, kind > 1);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassProduct, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
