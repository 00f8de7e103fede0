// Medians by counting against medians by sorting.
#include "model/interpret/exact_median.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

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

double counted_median(const Floats& values) {
  ExactMedian median(1);
  for (const float value : values) median.add(0, value);
  median.begin_second_pass();
  for (auto value = values.rbegin(); value != values.rend(); ++value) median.add(0, *value);
  return median.median(0);
}

TEST(ExactMedian, SmallCasesAreWhatTheyMustBe) {
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

TEST(ExactMedian, EqualsSortingForManyKindsOfValues) {
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

TEST(ExactMedian, StreamsDoNotTouchEachOtherAndEmptyOnesHaveNone) {
  std::mt19937 random(8);
  std::normal_distribution<float> normal;
  std::vector<Floats> streams(5);
  ExactMedian median(5);
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
    EXPECT_EQ(median.median(static_cast<std::int64_t>(stream)), sorted_median(streams[stream]));
  }
  EXPECT_TRUE(std::isnan(median.median(4)));
}

TEST(ExactMedian, RefusesPassesOfDifferentLength) {
  ExactMedian median(1);
  median.add(0, 1);
  median.add(0, 2);
  EXPECT_THROW(median.median(0), std::invalid_argument);
  median.begin_second_pass();
  median.add(0, 1);
  EXPECT_THROW(median.median(0), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
