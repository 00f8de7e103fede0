#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "kernels/elementwise/functors.h"

namespace explainn::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// |actual - exact| in units of the last place of a float near `exact`.
double error_in_ulp(float actual, double exact) {
  const auto nearest = static_cast<float>(exact);
  const double ulp = static_cast<double>(std::nextafter(nearest, kInfinity)) - nearest;
  return std::abs(actual - exact) / ulp;
}

TEST(Exponential, IsWithinTwoUlpOverTheWholeRange) {
  double worst = 0;
  // 88.7 is just below the overflow; the step in bits is odd, so that all exponents and many
  // mantissas are met.
  for (const float last : {88.7F, -104.5F}) {
    const std::uint32_t sign = std::bit_cast<std::uint32_t>(last) & 0x80000000U;
    const std::uint32_t end = std::bit_cast<std::uint32_t>(last) & 0x7fffffffU;
    for (std::uint32_t bits = 1; bits < end; bits += 1009) {
      const float x = std::bit_cast<float>(bits | sign);
      worst = std::max(worst, error_in_ulp(exponential(x), std::exp(static_cast<double>(x))));
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LE(worst, 2);
}

TEST(Exponential, Ends) {
  EXPECT_EQ(exponential(0.0F), 1);
  EXPECT_EQ(exponential(-0.0F), 1);
  EXPECT_EQ(exponential(kInfinity), kInfinity);
  EXPECT_EQ(exponential(-kInfinity), 0);
  EXPECT_EQ(exponential(88.73F), kInfinity);
  EXPECT_EQ(exponential(1e30F), kInfinity);
  EXPECT_EQ(exponential(-1e30F), 0);
  EXPECT_EQ(exponential(-104.0F), 0);
  EXPECT_EQ(exponential(std::numeric_limits<float>::denorm_min()), 1);
  EXPECT_TRUE(std::isnan(exponential(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(exponential(-std::numeric_limits<float>::quiet_NaN())));
}

TEST(Exponential, UnderflowsGradually) {
  // exp(-90) = 8.19e-40 and exp(-103) = 1.85e-45 are below the smallest normal number, 1.18e-38.
  EXPECT_LE(error_in_ulp(exponential(-90.0F), std::exp(-90.0)), 1);
  EXPECT_LE(error_in_ulp(exponential(-103.0F), std::exp(-103.0)), 1);
  EXPECT_GT(exponential(-103.5F), 0);
}

// Rounding may make a larger argument's result smaller by one last place, but no more; arguments
// that differ by more than that are in order.
TEST(Exponential, KeepsOrder) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000000; ++i) {
    const float x = -87 + 175 * static_cast<float>(random() >> 8) * 0x1p-24F;
    const float y = exponential(x);
    EXPECT_GE(exponential(std::nextafter(x, kInfinity)), std::nextafter(y, 0.0F)) << x;
    EXPECT_GT(exponential(x + std::max(1e-6F, std::abs(x) * 1e-6F)), y) << x;
  }
}

TEST(Exponential, DoubleIsTheLibrarys) {
  for (double x = -30; x < 30; x += 0.37) EXPECT_EQ(exponential(x), std::exp(x));
}

}  // namespace
}  // namespace explainn::kernels
