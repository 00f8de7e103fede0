// The convolution of a block of units with its pool, against sums written out letter by letter.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/encoded_rows.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"

namespace explainn::kernels {
namespace {

struct Case {
  std::int64_t length, filter, pool, stride;
  bool unknown;
};

constexpr Case kCases[] = {{60, 19, 7, 7, false}, {61, 19, 7, 7, true},  {40, 8, 5, 2, false},
                           {33, 3, 4, 6, false},  {9, 9, 1, 1, false},   {31, 21, 11, 1, true},
                           {1, 1, 1, 1, false},   {50, 26, 25, 1, false}};

template <typename T>
void check(const Case& c, const Loops<T>& loops) {
  const std::int64_t pooled = (c.length - c.filter + 1 - c.pool) / c.stride + 1;
  // Multiples of 1/8, so that every sum is exact and windows tie; the last unit is constant.
  std::vector<T> letters(c.filter * 4 * kBlockUnits), shift(kBlockUnits);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool constant = i % kBlockUnits == kBlockUnits - 1;
    letters[i] = constant ? 0 : static_cast<T>(philox(1, i, 0, 0)[0] % 17) / 8 - 1;
  }
  for (std::size_t u = 0; u < shift.size(); ++u) shift[u] = static_cast<T>(u) / 4 - 1;
  std::vector<std::uint8_t> bases;
  for (std::int64_t t = 0; t < c.length; ++t) {
    const std::uint32_t word = philox(2, t, 0, 0)[0];
    bases.push_back(c.unknown && word % 9 == 0 ? 4 : (word >> 8) % 4);
  }
  std::vector<T> tables(tetramer_count(c.filter) * kTetramers * kBlockUnits);
  loops.make_tables(c.filter, letters.data(), shift.data(), tables.data());
  const ConvolutionParams<T> p{c.length, c.filter,      c.pool,         c.stride,
                               pooled,   tables.data(), letters.data(), shift.data()};
  const EncodedRows rows(bases.data(), 1, c.length);
  std::vector<T> scratch(p.positions() * kBlockUnits);
  test::Guarded<T> maxima(pooled * kBlockUnits);
  test::Guarded<T> alone(pooled * kBlockUnits);
  test::Guarded<PoolPlace> places(pooled * kBlockUnits);
  loops.convolve_and_pool(p, rows[0], scratch.data(), maxima.data(), places.data());
  loops.convolve_and_pool(p, rows[0], scratch.data(), alone.data(), nullptr);
  EXPECT_EQ(alone.copy(), maxima.copy());
  const auto score = [&](std::int64_t t, std::int64_t u) {
    T sum = shift[u];
    for (std::int64_t k = 0; k < c.filter; ++k) {
      if (bases[t + k] < 4) sum += letters[(k * 4 + bases[t + k]) * kBlockUnits + u];
    }
    return sum;
  };
  for (std::int64_t q = 0; q < pooled; ++q) {
    for (std::int64_t u = 0; u < kBlockUnits; ++u) {
      std::int64_t place = q * c.stride;
      for (std::int64_t t = place; t < q * c.stride + c.pool; ++t) {
        if (score(t, u) > score(place, u)) place = t;
      }
      EXPECT_EQ(maxima.copy()[q * kBlockUnits + u], score(place, u)) << q << ' ' << u;
      EXPECT_EQ(places.copy()[q * kBlockUnits + u], place - q * c.stride) << q << ' ' << u;
    }
  }
}

class UnitPassConvolution : public testing::TestWithParam<std::tuple<InstructionSet, int>> {};

TEST_P(UnitPassConvolution, FindsTheFirstOfTheLargest) {
  const auto [set, index] = GetParam();
  check(kCases[index], loops<float>(set));
  check(kCases[index], loops<double>(set));
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassConvolution,
                         testing::Combine(testing::ValuesIn(available_instruction_sets()),
                                          testing::Range(0, static_cast<int>(std::size(kCases)))),
                         [](const auto& test) {
                           return std::string(to_string(std::get<0>(test.param))) + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace explainn::kernels
