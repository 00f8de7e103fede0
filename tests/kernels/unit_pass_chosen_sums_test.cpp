// Sums of rows chosen by bits, and the transposition of bits, against their definitions.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

std::vector<std::uint8_t> random_bytes(std::int64_t size) {
  std::vector<std::uint8_t> bytes;
  for (std::int64_t i = 0; i < size; ++i) bytes.push_back(philox(4, i, 0, 0)[0] & 0xFF);
  return bytes;
}

template <typename T>
void check_sums(const Loops<T>& loops, std::int64_t outputs, std::int64_t inputs,
                std::int64_t columns) {
  const std::int64_t bits_row = outputs + 3;
  const std::vector<std::uint8_t> bits = random_bytes((inputs + 7) / 8 * bits_row);
  std::vector<T> values;  // whole numbers, so that every order of summing is exact
  for (std::int64_t i = 0; i < inputs * columns; ++i) {
    values.push_back(static_cast<T>(philox(5, i, 0, 0)[0] % 1000));
  }
  std::vector<T> scales;
  for (std::int64_t j = 0; j < inputs; ++j) {
    scales.push_back(static_cast<T>(philox(6, j, 0, 0)[0] % 7) - 3);
  }
  test::Guarded<T> sums(outputs * columns);
  for (std::int64_t i = 0; i < outputs * columns; ++i) {
    sums.data()[i] = std::numeric_limits<T>::quiet_NaN();
  }
  loops.chosen_sums(
      {outputs, inputs, columns, bits.data(), bits_row, values.data(), scales.data(), sums.data()});
  const std::vector<T> got = sums.copy();
  for (std::int64_t i = 0; i < outputs * columns; ++i) {
    T expected = 0;
    for (std::int64_t j = 0; j < inputs; ++j) {
      const bool chosen = (bits[j / 8 * bits_row + i / columns] >> (j % 8) & 1) != 0;
      if (chosen) expected += scales[j] * values[j * columns + i % columns];
    }
    ASSERT_EQ(got[i], expected) << outputs << 'x' << inputs << 'x' << columns << " at " << i;
  }
}

class UnitPassChosenSums : public testing::TestWithParam<InstructionSet> {};

TEST_P(UnitPassChosenSums, AreTheDefinition) {
  for (const std::int64_t outputs : {1, 7, 100}) {
    for (const std::int64_t inputs : {1, 4, 9, 32, 33, 100, 104}) {
      for (const std::int64_t columns : {16, 32, 48, 144}) {
        check_sums(loops<float>(GetParam()), outputs, inputs, columns);
        check_sums(loops<double>(GetParam()), outputs, inputs, columns);
      }
    }
  }
}

TEST_P(UnitPassChosenSums, BitsAreTransposed) {
  constexpr std::int64_t kRows = 24;
  constexpr std::int64_t kColumns = 112;
  const std::vector<std::uint8_t> from = random_bytes(kRows * kColumns / 8);
  test::Guarded<std::uint8_t> to(kRows * kColumns / 8);
  loops<float>(GetParam()).transpose_bits(kRows, kColumns, from.data(), to.data());
  const std::vector<std::uint8_t> got = to.copy();
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t column = 0; column < kColumns; ++column) {
      const int expected = from[column / 8 * kRows + row] >> (column % 8) & 1;
      ASSERT_EQ(got[row / 8 * kColumns + column] >> (row % 8) & 1, expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassChosenSums, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
