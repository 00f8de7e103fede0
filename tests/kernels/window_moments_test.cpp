// Window moments against windows written out one by one.
#include "kernels/unit_pass/window_moments.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "kernels/base/philox.h"

namespace explainn::kernels {
namespace {

struct Case {
  std::int64_t rows, length, filter;
  bool unknown;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.rows << " rows of " << c.length << ", windows of " << c.filter;
}

class WindowMomentsTest : public testing::TestWithParam<Case> {};

TEST_P(WindowMomentsTest, AreTheDefinition) {
  const auto [rows, length, filter, unknown] = GetParam();
  std::vector<std::uint8_t> bases;
  for (std::int64_t i = 0; i < rows * length; ++i) {
    // Uneven on purpose: base 2 is rare and every base depends on its position.
    const std::uint32_t word = philox(5, i, 0, 0)[0];
    bases.push_back(unknown && word % 7 == 0 ? 4 : (word >> 8) % 11 < i % 5 ? i % 2 : word % 4);
  }
  const std::int64_t n = length - filter + 1;
  const std::int64_t entries = 4 * filter;
  std::vector<double> first(entries), second(entries * entries);
  std::vector<std::int64_t> ones;
  for (std::int64_t window = 0; window < rows * n; ++window) {
    ones.clear();
    for (std::int64_t k = 0; k < filter; ++k) {
      const std::uint8_t base = bases[window / n * length + window % n + k];
      if (base < 4) ones.push_back(k * 4 + base);
    }
    for (const std::int64_t i : ones) {
      first[i] += 1;
      for (const std::int64_t j : ones) second[i * entries + j] += 1;
    }
  }
  const WindowMoments got = window_moments(bases.data(), rows, length, filter);
  const auto count = static_cast<double>(rows * n);
  ASSERT_EQ(got.count, rows * n);
  ASSERT_EQ(got.entries(), entries);
  for (std::int64_t i = 0; i < entries; ++i) {
    EXPECT_EQ(got.mean[i], first[i] / count) << i;
    for (std::int64_t j = 0; j < entries; ++j) {
      const double expected = second[i * entries + j] / count - first[i] * first[j] / count / count;
      EXPECT_NEAR(got.covariance[i * got.stride + j], expected, 1e-15) << i << ' ' << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, WindowMomentsTest,
                         testing::Values(Case{100, 60, 19, false}, Case{65, 31, 7, true},
                                         Case{1, 1, 1, false}, Case{3, 12, 12, true},
                                         Case{130, 9, 1, false}, Case{64, 40, 30, true}));

TEST(WindowMoments, RefusesWhatHasNoWindow) {
  const std::uint8_t bases[4] = {0, 1, 2, 3};
  EXPECT_THROW(window_moments(bases, 1, 4, 5), std::invalid_argument);
  EXPECT_THROW(window_moments(bases, 0, 4, 2), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::kernels
