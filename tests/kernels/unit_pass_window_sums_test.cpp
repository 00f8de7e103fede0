// Weighted sums of one-hot windows against sums written out base by base.
#include <gtest/gtest.h>

#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/encoded_rows.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

template <typename T>
void check(const Loops<T>& loops, std::int64_t filter) {
  constexpr std::int64_t kRows = 5;
  constexpr std::int64_t kPooled = 6;
  constexpr std::int64_t kRow = 16;
  constexpr std::int64_t kStride = 3;
  const std::int64_t length = filter + 20 + (kPooled - 1) * kStride;
  // Rows without unknown bases, with a few, and full of them.
  std::vector<std::uint8_t> bases;
  for (std::int64_t i = 0; i < kRows * length; ++i) {
    const std::uint32_t number = philox(1, i, 0, 0)[0];
    const std::int64_t row = i / length;
    const bool unknown = row == 2 ? i % length == filter : row > 2 && number % 5 == 4;
    bases.push_back(static_cast<std::uint8_t>(unknown ? 4 : number % 4));
  }
  EncodedRows encoded(bases.data(), kRows, length);
  encoded.add_tetramers();
  std::vector<T> values(kRows * kRow);
  std::vector<PoolPlace> places(kRows * kRow);
  std::vector<T> expected(4 * filter);
  for (std::int64_t i = 0; i < kRows * kRow; ++i) {
    values[i] = static_cast<T>(philox(2, i, 0, 0)[0] % 1000) - 500;
    places[i] = static_cast<PoolPlace>(philox(3, i, 0, 0)[0] % 21);
    for (std::int64_t k = 0; i % kRow < kPooled && k < filter; ++k) {
      const std::int64_t begin = i % kRow * kStride + places[i];
      const std::uint8_t base = bases[i / kRow * length + begin + k];
      if (base < 4) expected[4 * k + base] += values[i];
    }
  }
  test::Guarded<T> sums(kTetramerLetters * tetramer_count(filter));
  loops.window_sums({kRows, kPooled, filter, kStride, values.data(), places.data(), kRow,
                     encoded.data(), sums.data()});
  for (std::int64_t i = 0; i < 4 * filter; ++i) {
    EXPECT_EQ(sums.copy()[i], expected[i]) << "filter " << filter << " entry " << i;
  }
}

class UnitPassWindowSums : public testing::TestWithParam<InstructionSet> {};

TEST_P(UnitPassWindowSums, AreTheDefinition) {
  for (const std::int64_t filter : {1, 2, 5, 19, 20, 26, 61}) {
    check(loops<float>(GetParam()), filter);
    check(loops<double>(GetParam()), filter);
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassWindowSums, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
