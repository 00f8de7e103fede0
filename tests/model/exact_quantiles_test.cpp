// Quantiles by counting against quantiles by sorting.
#include "model/interpret/exact_quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <utility>

namespace explainn::model {
namespace {

using Floats = std::vector<float>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// As numpy.median has it for values in double.
double sorted_median(Floats values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  if (values.size() % 2 == 1) return values[half];
  return (static_cast<double>(values[half - 1]) + static_cast<double>(values[half])) / 2;
}

// Given forwards, then backwards.
ExactQuantiles counted(const Floats& values, std::vector<double> fractions) {
  ExactQuantiles quantiles(1, std::move(fractions));
  for (const float value : values) quantiles.add(0, value);
  quantiles.begin_second_pass();
  for (auto value = values.rbegin(); value != values.rend(); ++value) quantiles.add(0, *value);
  return quantiles;
}

double counted_median(const Floats& values) {
  return counted(values, {0.5}).quantile(0, 0);
}

TEST(ExactQuantiles, SmallCasesAreWhatTheyMustBe) {
  EXPECT_EQ(counted_median({3.25F}), 3.25);
  EXPECT_EQ(counted_median({-1, 2}), 0.5);
  EXPECT_EQ(counted_median({5, -7, 1}), 1);
  EXPECT_EQ(counted_median({2, 2, 2, 2}), 2);
  EXPECT_EQ(counted_median({0, 0, 0, 9}), 0);
  EXPECT_EQ(counted_median({-0.0F, 0.0F}), 0);
  EXPECT_EQ(counted_median({-1e-40F, 1e-40F, 3e-41F}), 3e-41F);
  EXPECT_EQ(counted_median({-kInfinity, 4, kInfinity}), 4);
  EXPECT_EQ(counted_median({3e38F, 3e38F}), static_cast<double>(3e38F));  // no overflow in between
  // The mean of neighbouring floats is no float: it must not be rounded to one.
  const float next = std::nextafter(1.0F, 2.0F);
  EXPECT_EQ(counted_median({1, next}), 1 + (static_cast<double>(next) - 1) / 2);
}

TEST(ExactQuantiles, EqualsSortingForManyKindsOfValues) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  const auto ties = [&] { return static_cast<float>(static_cast<int>(random() % 7) - 3); };
  const auto relu = [&] { return std::max(0.0F, normal(random)); };
  const auto close = [&] { return 1 + 1e-6F * normal(random); };  // few high halves
  const auto any_bits = [&] {
    for (;;) {
      const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      if (std::isfinite(value)) return value;
    }
  };
  const auto expect_equal = [&](const auto& draw, const char* kind) {
    for (int repeat = 0; repeat < 150; ++repeat) {
      Floats values(1 + random() % 40);
      for (float& value : values) value = draw();
      EXPECT_EQ(counted_median(values), sorted_median(values))
          << kind << ", " << values.size() << " values";
    }
  };
  expect_equal(ties, "ties");
  expect_equal(relu, "many zeros");
  expect_equal(close, "values close together");
  expect_equal(any_bits, "any floats");
  expect_equal([&] { return normal(random); }, "normal");
}

TEST(ExactQuantiles, StreamsDoNotTouchEachOtherAndEmptyOnesHaveNone) {
  std::mt19937 random(8);
  std::normal_distribution<float> normal;
  std::vector<Floats> streams(5);
  ExactQuantiles median(5, {0.5});
  for (int i = 0; i < 3001; ++i) {
    const std::size_t stream = random() % 4;  // the last one stays empty
    streams[stream].push_back(normal(random) * static_cast<float>(stream + 1));
    median.add(static_cast<std::int64_t>(stream), streams[stream].back());
  }
  median.begin_second_pass();
  for (std::size_t stream = 0; stream < 4; ++stream) {
    for (const float value : streams[stream]) median.add(static_cast<std::int64_t>(stream), value);
  }
  for (std::size_t stream = 0; stream < 4; ++stream) {
    EXPECT_EQ(median.quantile(static_cast<std::int64_t>(stream), 0),
              sorted_median(streams[stream]));
  }
  EXPECT_TRUE(std::isnan(median.quantile(4, 0)));
}

// numpy.quantile's definition, read off sorted values.
TEST(ExactQuantiles, OtherFractionsEqualSorting) {
  const std::vector<double> fractions{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
  std::mt19937 random(9);
  std::normal_distribution<float> normal;
  for (int repeat = 0; repeat < 300; ++repeat) {
    Floats values(1 + random() % 60);
    // Ties, values that share their high halves, and others.
    for (float& value : values) {
      value = repeat % 3 == 0   ? static_cast<float>(random() % 5)
              : repeat % 3 == 1 ? 1 + 1e-4F * normal(random)
                                : normal(random);
    }
    const ExactQuantiles quantiles = counted(values, fractions);
    std::sort(values.begin(), values.end());
    for (std::size_t f = 0; f < fractions.size(); ++f) {
      const double at = fractions[f] * static_cast<double>(values.size() - 1);
      const auto lower = static_cast<std::size_t>(at);
      const double below = values[lower];
      const double above = values[std::min(lower + 1, values.size() - 1)];
      const double wanted = below + (at - std::floor(at)) * (above - below);
      EXPECT_NEAR(quantiles.quantile(0, f), wanted, 1e-14 * (1 + std::abs(wanted)))
          << fractions[f] << " of " << values.size();
    }
  }
}

// More values with one high half than are kept one by one.
TEST(ExactQuantiles, CountsWhereManyValuesAreAlmostEqual) {
  Floats values(300001);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::bit_cast<float>(0x3f800000U + static_cast<std::uint32_t>(i * 7919 % 60001));
  }
  const ExactQuantiles quantiles = counted(values, {0.25, 0.5, 0.95});
  std::sort(values.begin(), values.end());
  EXPECT_EQ(quantiles.quantile(0, 0), values[75000]);
  EXPECT_EQ(quantiles.quantile(0, 1), values[150000]);
  EXPECT_EQ(quantiles.quantile(0, 2), values[285000]);
}

TEST(ExactQuantiles, RefusesFractionsThatAreNone) {
  EXPECT_THROW(ExactQuantiles(1, {1.5}), std::invalid_argument);
  EXPECT_THROW(ExactQuantiles(1, {std::nan("")}), std::invalid_argument);
}

TEST(ExactQuantiles, RefusesPassesOfDifferentLength) {
  ExactQuantiles median(1, {0.5});
  median.add(0, 1);
  median.add(0, 2);
  EXPECT_THROW(median.quantile(0, 0), std::invalid_argument);
  median.begin_second_pass();
  median.add(0, 1);
  EXPECT_THROW(median.quantile(0, 0), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
