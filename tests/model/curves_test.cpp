// Curves as the report draws them against the exact areas and the definition of their points.
#include "model/curves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "model/metrics.h"

namespace explainn::model {
namespace {

struct Task {
  std::vector<float> scores, labels;
};

// Positives score higher in the mean; `steps` scores are told apart (0: all).
Task random_task(std::size_t n, double share, int steps, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<double> uniform;
  Task task;
  for (std::size_t i = 0; i < n; ++i) {
    const bool positive = uniform(random) < share;
    float score = normal(random) + (positive ? 1.3F : 0.0F);
    if (steps > 0)
      score = std::round(score * static_cast<float>(steps)) / static_cast<float>(steps);
    task.scores.push_back(score);
    task.labels.push_back(uniform(random) < 0.1 ? std::nanf("") : (positive ? 1.0F : 0.0F));
  }
  return task;
}

double trapezoids(const std::vector<CurvePoint>& points) {
  double area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    area += 0.5e-6 * (points[i].x - points[i - 1].x) * (points[i].y + points[i - 1].y);
  }
  return area;
}

double steps(const std::vector<CurvePoint>& points) {
  double area = 0;
  int recall = 0;
  for (const CurvePoint& point : points) {
    area += 1e-6 * (point.x - recall) * point.y;
    recall = point.x;
  }
  return area;
}

TEST(Curves, HaveTheAreasOfTheMetricsInFewPoints) {
  for (const std::size_t n : {40, 700, 60000}) {
    for (const int distinct : {0, 4}) {
      const Task task = random_task(n, 0.2, distinct, static_cast<std::uint32_t>(n));
      const TaskCurves curves = task_curves(task.scores, task.labels);
      EXPECT_NEAR(trapezoids(curves.roc), roc_auc(task.scores, task.labels), 0.004) << n;
      EXPECT_NEAR(steps(curves.precision_recall), average_precision(task.scores, task.labels), 0.01)
          << n;
      EXPECT_LT(curves.roc.size(), 600U);
      EXPECT_LT(curves.precision_recall.size(), 900U);
      EXPECT_EQ(curves.roc.front(), (CurvePoint{0, 0}));
      EXPECT_EQ(curves.roc.back(), (CurvePoint{1000, 1000}));
      EXPECT_EQ(curves.precision_recall.back().x, 1000);
      const auto all = static_cast<double>(curves.positives + curves.negatives);
      EXPECT_EQ(curves.precision_recall.back().y,
                std::lround(1000 * static_cast<double>(curves.positives) / all));
      EXPECT_EQ(static_cast<std::size_t>(curves.positives + curves.negatives + curves.unresolved),
                n);
    }
  }
}

TEST(Curves, OfAFewSequencesByHand) {
  const std::vector<float> scores{0.9F, 0.8F, 0.8F, 0.1F, 0.5F};
  const std::vector<float> labels{1, 0, 1, 0, std::nanf("")};
  const TaskCurves curves = task_curves(scores, labels);
  EXPECT_EQ(curves.roc, (std::vector<CurvePoint>{{0, 0}, {0, 500}, {500, 1000}, {1000, 1000}}));
  EXPECT_EQ(curves.precision_recall,
            (std::vector<CurvePoint>{{500, 1000}, {1000, 667}, {1000, 500}}));
  EXPECT_EQ(curves.positives, 2);
  EXPECT_EQ(curves.negatives, 2);
  EXPECT_EQ(curves.unresolved, 1);
}

TEST(Curves, AreEmptyWithoutBothClasses) {
  const std::vector<float> scores{0.2F, 0.4F};
  const std::vector<float> labels{1, 1};
  const TaskCurves curves = task_curves(scores, labels);
  EXPECT_TRUE(curves.roc.empty());
  EXPECT_TRUE(curves.precision_recall.empty());
  EXPECT_EQ(curves.positives, 2);
}

}  // namespace
}  // namespace explainn::model
