// The metrics of one task against brute force, and where they are undefined.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/metrics.h"

namespace explainn::model {
namespace {

using Floats = std::vector<float>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kTolerance = 1e-12;  // relative

void expect_near(double got, double expected, const std::string& what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got << " where it is undefined";
  } else {
    EXPECT_NEAR(got, expected, kTolerance * std::abs(expected)) << what;
  }
}

struct Task {
  Floats scores;
  Floats labels;
};

/// Few distinct values, so that most entries are tied; some labels missing.
Task random_task(unsigned seed, int label_values) {
  std::mt19937 random(seed);
  Task task;
  const unsigned size = 2 + random() % 120;
  const unsigned score_values = 1 + random() % 12;
  for (unsigned i = 0; i < size; ++i) {
    task.scores.push_back(static_cast<float>(random() % score_values) / 4 - 1);
    const auto label = static_cast<float>(random() % static_cast<unsigned>(label_values));
    task.labels.push_back(random() % 5 == 0 ? kMissing : label);
  }
  return task;
}

Task without_missing(const Task& task) {
  Task kept;
  for (std::size_t i = 0; i < task.labels.size(); ++i) {
    if (std::isnan(task.labels[i])) continue;
    kept.scores.push_back(task.scores[i]);
    kept.labels.push_back(task.labels[i]);
  }
  return kept;
}

/// Every (positive, negative) pair, one by one.
double brute_roc_auc(const Task& task) {
  double wins = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < task.labels.size(); ++i) {
    for (std::size_t j = 0; j < task.labels.size(); ++j) {
      if (task.labels[i] != 1 || task.labels[j] != 0) continue;
      pairs += 1;
      if (task.scores[i] > task.scores[j]) wins += 1;
      if (task.scores[i] == task.scores[j]) wins += 0.5;
    }
  }
  return wins / pairs;  // 0 / 0 without both classes
}

/// Recall and precision counted anew at every threshold.
double brute_average_precision(const Task& task) {
  const auto all = static_cast<double>(std::ranges::count(task.labels, 1.0F));
  if (all == static_cast<double>(task.labels.size())) return std::nan("");
  double sum = 0;
  double last_recall = 0;
  const std::set<float, std::greater<>> thresholds(task.scores.begin(), task.scores.end());
  for (const float threshold : thresholds) {
    double hits = 0;
    double taken = 0;
    for (std::size_t i = 0; i < task.labels.size(); ++i) {
      taken += task.scores[i] >= threshold ? 1 : 0;
      hits += task.scores[i] >= threshold && task.labels[i] == 1 ? 1 : 0;
    }
    sum += (hits / all - last_recall) * (hits / taken);
    last_recall = hits / all;
  }
  return sum;  // NaN without positives
}

/// From all pairs of entries: no mean is taken.
double brute_pearson(const std::vector<double>& x, const std::vector<double>& y) {
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      xx += (x[i] - x[j]) * (x[i] - x[j]);
      yy += (y[i] - y[j]) * (y[i] - y[j]);
      xy += (x[i] - x[j]) * (y[i] - y[j]);
    }
  }
  return xx == 0 || yy == 0 ? std::nan("") : xy / std::sqrt(xx * yy);
}

std::vector<double> brute_ranks(const Floats& values) {
  std::vector<double> ranks;
  for (const float value : values) {
    const auto less = std::ranges::count_if(values, [&](float v) { return v < value; });
    const auto equal = std::ranges::count(values, value);
    ranks.push_back(static_cast<double>(less) + 0.5 * static_cast<double>(equal + 1));
  }
  return ranks;
}

/// 1 - SSE / SST, SST from all pairs.
double brute_r_squared(const Task& task) {
  double error = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < task.labels.size(); ++i) {
    error += std::pow(task.labels[i] - task.scores[i], 2);
    for (std::size_t j = 0; j < i; ++j) pairs += std::pow(task.labels[i] - task.labels[j], 2);
  }
  const double total = pairs / static_cast<double>(task.labels.size());
  return pairs == 0 ? std::nan("") : 1 - error / total;
}

TEST(Metrics, RankingMetricsEqualBruteForce) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Task task = random_task(seed, 2);
    const Task kept = without_missing(task);
    const std::string what = "seed " + std::to_string(seed);
    expect_near(roc_auc(task.scores, task.labels), brute_roc_auc(kept), "aucROC " + what);
    expect_near(average_precision(task.scores, task.labels), brute_average_precision(kept),
                "aucPR " + what);
  }
}

TEST(Metrics, CorrelationsEqualBruteForce) {
  const auto expect_equal = [](double got, double expected, const std::string& what) {
    // A correlation near 0 is a difference of large sums: judged absolutely.
    ASSERT_EQ(std::isnan(got), std::isnan(expected)) << what;
    if (std::isnan(expected)) return;
    EXPECT_NEAR(got, expected, kTolerance) << what;
  };
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Task task = random_task(seed, 6);
    const Task kept = without_missing(task);
    const std::string what = "seed " + std::to_string(seed);
    const std::vector<double> x(kept.scores.begin(), kept.scores.end());
    const std::vector<double> y(kept.labels.begin(), kept.labels.end());
    expect_equal(pearson(task.scores, task.labels), brute_pearson(x, y), "Pearson " + what);
    expect_equal(spearman(task.scores, task.labels),
                 brute_pearson(brute_ranks(kept.scores), brute_ranks(kept.labels)),
                 "Spearman " + what);
    const double expected = brute_r_squared(kept);
    expect_equal(r_squared(task.scores, task.labels), expected, "R2 " + what);
  }
}

TEST(Metrics, KnowWhereTheyAreUndefined) {
  const Floats two = {0.25F, 0.75F};
  const Floats constant = {0.1F, 0.1F};
  const Floats missing = {kMissing, kMissing};
  const auto all = {average_precision, roc_auc, pearson, spearman, r_squared};
  for (const auto metric : all) {
    EXPECT_TRUE(std::isnan(metric({}, {})));
    EXPECT_TRUE(std::isnan(metric(two, missing)));
    EXPECT_TRUE(std::isnan(metric(two, Floats{1.0F, 1.0F})));
    EXPECT_TRUE(std::isnan(metric(two, Floats{1.0F, kMissing})));
    EXPECT_TRUE(std::isnan(metric(Floats{kMissing, 0.5F, 0.6F}, Floats{0.0F, 0.0F, 1.0F})));
    EXPECT_FALSE(std::isnan(metric(Floats{kMissing, 0.5F, 0.6F}, Floats{kMissing, 0.0F, 1.0F})));
    EXPECT_THROW(metric(two, Floats{1.0F}), std::invalid_argument);
  }
  EXPECT_TRUE(std::isnan(pearson(constant, two)));
  EXPECT_TRUE(std::isnan(spearman(constant, two)));
  // 0.1 and 0.3 are no binary fractions: the mean must not leave them all the same.
  EXPECT_TRUE(std::isnan(pearson(Floats(1001, 0.1F), Floats(1001, 0.3F))));
  EXPECT_TRUE(std::isnan(r_squared(Floats(1001, 0.1F), Floats(1001, 0.3F))));
}

TEST(Metrics, ScoresMayBeInfiniteWhereOnlyOrderMatters) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Floats scores = {infinity, -infinity, infinity, 0};
  const Floats labels = {1, 0, 0, 1};
  EXPECT_DOUBLE_EQ(roc_auc(scores, labels), 2.5 / 4);  // pairs: a tie, three won or lost
  EXPECT_DOUBLE_EQ(spearman(scores, labels), spearman(Floats{2, -1, 2, 0}, labels));
}

TEST(Metrics, LabelsBetweenTheClassesAreRounded) {
  const Floats scores = {0.1F, 0.2F, 0.3F, 0.4F};
  EXPECT_EQ(roc_auc(scores, Floats{0.49F, 0.5F, 0.0F, 1.0F}),
            roc_auc(scores, Floats{0.0F, 1.0F, 0.0F, 1.0F}));
}

TEST(Metrics, AccuracyTakesTheFirstOfEqualScores) {
  const Floats scores = {0.5F, 0.5F, 0.0F, /**/ 0.1F, 0.2F, 0.7F, /**/ 0.9F, 0.0F, 0.1F};
  EXPECT_DOUBLE_EQ(accuracy(scores, Floats{0, 2, kMissing}, 3), 1.0);
  EXPECT_DOUBLE_EQ(accuracy(scores, Floats{1, 2, 1}, 3), 1.0 / 3);
  EXPECT_TRUE(std::isnan(accuracy(scores, Floats{kMissing, kMissing, kMissing}, 3)));
  EXPECT_TRUE(std::isnan(accuracy(Floats{0.5F, kMissing}, Floats{0}, 2)));
}

}  // namespace
}  // namespace explainn::model
