// Comparison of arrays within a tolerance, in a way that tells how much of it was used.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>

namespace explainn::test {

/// A relative tolerance that suits a handful of rounded operations: 2e-6 in float, 1e-13 in double.
template <typename T>
constexpr double rounding() {
  return std::is_same_v<T, float> ? 2e-6 : 1e-13;
}

/// Writes the largest used fraction of all tolerances of the running test into its record.
inline void record_tolerance_used(double used) {
  static const ::testing::TestInfo* test = nullptr;
  static double most = 0;
  const auto* const running = ::testing::UnitTest::GetInstance()->current_test_info();
  if (running == nullptr) return;
  most = running == test ? std::max(most, used) : used;
  test = running;
  std::ostringstream text;
  text << most;
  ::testing::Test::RecordProperty("tolerance_used", text.str());
}

/// Expects |actual - expected| <= tolerance * max(1, largest |expected|) for every element, NaN
/// matching only NaN. Returns the used fraction of the tolerance.
template <typename A, typename E>
double expect_close(const A& actual, const E& expected, double tolerance,
                    const std::string& what = "values") {
  EXPECT_EQ(std::size(actual), std::size(expected)) << what;
  if (std::size(actual) != std::size(expected)) return INFINITY;
  double scale = 1;
  for (const auto value : expected) {
    if (std::isfinite(value)) scale = std::max(scale, std::abs(static_cast<double>(value)));
  }
  double used = 0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < std::size(actual); ++i) {
    const double a = actual[i];
    const double e = expected[i];
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    const double error = std::abs(a - e) / (tolerance * scale);
    if (error <= used) continue;
    used = std::isnan(error) ? INFINITY : error;
    worst = i;
  }
  EXPECT_LE(used, 1) << what << "[" << worst << "] is " << actual[worst] << " instead of "
                     << expected[worst] << ": " << used << " of the tolerance "
                     << tolerance * scale;
  record_tolerance_used(used);
  return used;
}

}  // namespace explainn::test
