// The hidden layer with ReLU, dropout and the sum over nodes, against its definition.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

// Multiples of 1/16 below 2 in size: sums of their products are exact, so signs have no doubt.
template <typename T>
std::vector<T> sixteenths(std::uint64_t seed, std::int64_t size) {
  std::vector<T> values;
  for (std::int64_t i = 0; i < size; ++i) {
    values.push_back((static_cast<T>(philox(seed, i, 0, 0)[0] % 63) - 31) / 16);
  }
  return values;
}

template <typename T>
void check(const Loops<T>& loops, std::int64_t rows, std::int64_t inputs, std::int64_t columns) {
  const std::int64_t nodes = columns - 12;
  const std::int64_t x_row = inputs + 3;
  const std::int64_t bits_row = rows + 5;
  const auto x = sixteenths<T>(1, rows * x_row);
  const auto w = sixteenths<T>(2, inputs * columns);
  const auto start = sixteenths<T>(3, columns);
  const auto last = sixteenths<T>(4, columns);
  std::vector<std::uint8_t> kept(rows * columns / 8, 0);
  const auto is_kept = [](std::int64_t i) { return philox(5, i, 0, 0)[0] % 10 < 7; };
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    if (i % columns < nodes && is_kept(i)) kept[i / 8] |= static_cast<std::uint8_t>(1 << (i % 8));
  }
  test::Guarded<std::uint8_t> bits(columns / 8 * bits_row);
  test::Guarded<T> scratch(rows * kRowPadding);
  test::Guarded<T> sums(rows);
  loops.gated_layer({rows, inputs, columns, x.data(), x_row, w.data(), start.data(), last.data(),
                     kept.data(), bits.data(), bits_row, scratch.data(), sums.data()});
  static_cast<void>(scratch.copy());
  for (std::int64_t row = 0; row < rows; ++row) {
    double expected = 0;
    for (std::int64_t h = 0; h < columns; ++h) {
      double z = start[h];
      for (std::int64_t i = 0; i < inputs; ++i) {
        z += static_cast<double>(x[row * x_row + i]) * w[i * columns + h];
      }
      const bool open = h < nodes && is_kept(row * columns + h) && z > 0;
      if (open) expected += z * last[h];
      ASSERT_EQ(bits.copy()[h / 8 * bits_row + row] >> (h % 8) & 1, open ? 1 : 0);
    }
    ASSERT_EQ(sums.copy()[row], expected) << rows << 'x' << inputs << 'x' << columns;
  }
}

class UnitPassGatedLayer : public testing::TestWithParam<InstructionSet> {};

TEST_P(UnitPassGatedLayer, IsTheDefinition) {
  for (const std::int64_t rows : {1, 3, 8, 12, 23}) {
    for (const std::int64_t inputs : {1, 26}) {
      for (const std::int64_t columns : {16, 32, 48, 64, 112, 128}) {
        check(loops<float>(GetParam()), rows, inputs, columns);
        check(loops<double>(GetParam()), rows, inputs, columns);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassGatedLayer, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
