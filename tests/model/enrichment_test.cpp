// Fisher's test against sums over all tables in double, thresholds against trying each.
#include "model/motif/enrichment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace explainn::model {
namespace {

// n over k by Pascal's rule.
double choose(int n, int k) {
  std::vector<double> row{1};
  for (int i = 0; i < n; ++i) {
    std::vector<double> next(row.size() + 1, 0);
    for (std::size_t j = 0; j < row.size(); ++j) {
      next[j] += row[j];
      next[j + 1] += row[j];
    }
    row = next;
  }
  return k < 0 || k > n ? 0 : row[static_cast<std::size_t>(k)];
}

double p_by_definition(const HitTable& t) {
  const auto hits = static_cast<int>(t.positives_hit + t.negatives_hit);
  const auto positives = static_cast<int>(t.positives);
  const auto negatives = static_cast<int>(t.negatives);
  double sum = 0;
  for (int k = static_cast<int>(t.positives_hit); k <= hits; ++k) {
    sum += choose(positives, k) * choose(negatives, hits - k);
  }
  return sum / choose(positives + negatives, hits);
}

TEST(FisherTest, IsTheSumOverTables) {
  const FisherTest test(40);
  for (const auto& [positives, negatives] : {std::pair{1, 1}, {7, 3}, {12, 20}, {5, 0}, {0, 5}}) {
    for (std::int64_t a = 0; a <= positives; ++a) {
      for (std::int64_t b = 0; b <= negatives; ++b) {
        const HitTable table{positives, negatives, a, b};
        EXPECT_NEAR(test.log10_p(table), std::log10(p_by_definition(table)), 1e-12)
            << positives << ' ' << negatives << ' ' << a << ' ' << b;
      }
    }
  }
}

// All 1,000 hits among 2,000 are the positives: one table of (2000 over 1000), which Stirling's
// series gives.
TEST(FisherTest, GoesBelowWhatADoubleHolds) {
  const HitTable table{1000, 1000, 1000, 0};
  const auto log_factorial = [](double n) {
    return n * std::log(n) - n + 0.5 * std::log(2 * std::acos(-1.0) * n) + 1 / (12 * n) -
           1 / (360 * n * n * n);
  };
  const double log_ways = log_factorial(2000) - 2 * log_factorial(1000);
  EXPECT_NEAR(FisherTest(2000).log10_p(table), -log_ways / std::log(10.0), 1e-9);
}

TEST(FisherTest, RefusesTablesThatCannotBe) {
  const FisherTest test(10);
  EXPECT_THROW(test.log10_p({5, 5, 6, 0}), std::invalid_argument);
  EXPECT_THROW(test.log10_p({5, 5, 0, -1}), std::invalid_argument);
  EXPECT_THROW(test.log10_p({6, 5, 0, 0}), std::invalid_argument);
}

TEST(EnrichedThreshold, IsTheBestOfAll) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> scores, labels;
    for (int i = 0; i < 60; ++i) {
      labels.push_back(static_cast<float>(random() % 2));
      scores.push_back(static_cast<float>(random() % 20) + 3 * labels.back());  // with ties
    }
    const FisherTest test(60);
    double best = 0;
    for (const float threshold : scores) {
      best = std::min(best, test.log10_p(count_hits(scores, labels, threshold)));
    }
    const float found = most_enriched_threshold(test, scores, labels);
    EXPECT_EQ(test.log10_p(count_hits(scores, labels, found)), best) << round;
  }
}

TEST(EnrichedThreshold, IsInfiniteWhereNothingEnriches) {
  const std::vector<float> scores{3, 2, 1, 1}, labels{0, 0, 1, 1};
  EXPECT_EQ(most_enriched_threshold(FisherTest(4), scores, labels),
            std::numeric_limits<float>::infinity());
  const HitTable none = count_hits(scores, labels, std::numeric_limits<float>::infinity());
  EXPECT_EQ(none.positives_hit + none.negatives_hit, 0);
  EXPECT_EQ(FisherTest(4).log10_p(none), 0);
}

}  // namespace
}  // namespace explainn::model
