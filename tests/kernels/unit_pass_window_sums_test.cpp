// Weighted sums of one-hot windows against sums written out base by base.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"

namespace explainn::kernels {
namespace {

template <typename T>
void check(const Loops<T>& loops, std::int64_t filter) {
  constexpr std::int64_t kRows = 5;
  constexpr std::int64_t kPooled = 6;
  constexpr std::int64_t kRow = 16;
  const std::int64_t length = filter + 20;
  std::vector<int> bases;
  for (std::int64_t i = 0; i < kRows * length; ++i) bases.push_back(philox(1, i, 0, 0)[0] % 5);
  std::vector<std::uint16_t> one_hot(bases.size(), 0);
  for (std::int64_t i = 0; i < kRows * length; ++i) {
    for (std::int64_t k = 0; k < 4 && i % length + k < length; ++k) {
      if (bases[i + k] < 4) one_hot[i] |= static_cast<std::uint16_t>(1U << (4 * k + bases[i + k]));
    }
  }
  std::vector<T> values(kRows * kRow);
  std::vector<std::int32_t> places(kRows * kRow);
  std::vector<T> expected(4 * filter);
  for (std::int64_t i = 0; i < kRows * kRow; ++i) {
    values[i] = static_cast<T>(philox(2, i, 0, 0)[0] % 1000) - 500;
    places[i] = static_cast<std::int32_t>(philox(3, i, 0, 0)[0] % 21);
    for (std::int64_t k = 0; i % kRow < kPooled && k < filter; ++k) {
      const int base = bases[i / kRow * length + places[i] + k];
      if (base < 4) expected[4 * k + base] += values[i];
    }
  }
  test::Guarded<T> sums(padded(4 * filter));
  loops.window_sums({kRows, kPooled, filter, length, values.data(), places.data(), kRow,
                     one_hot.data(), sums.data()});
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

INSTANTIATE_TEST_SUITE_P(All, UnitPassWindowSums, testing::ValuesIn(available_instruction_sets()),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace
}  // namespace explainn::kernels
