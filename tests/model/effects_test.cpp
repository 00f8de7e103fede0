// Effects against their definition in words: means of positives less means of negatives.
#include "model/interpret/effects.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/support/threads.h"

namespace explainn::model {
namespace {

constexpr std::size_t kUnits = 5;
constexpr std::size_t kTasks = 3;
constexpr std::size_t kRows = 400;

struct Case {
  std::vector<float> outputs, labels, weights;
};

Case random_case(bool binary) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  Case data;
  for (std::size_t i = 0; i < kRows * kUnits; ++i) {
    data.outputs.push_back(std::max(0.0F, normal(random)));
  }
  for (std::size_t i = 0; i < kRows * kTasks; ++i) {
    const bool missing = random() % 7 == 0;
    const float label = binary ? static_cast<float>(random() % 2) : normal(random);
    data.labels.push_back(missing ? std::nanf("") : label);
  }
  for (std::size_t i = 0; i < kUnits * kTasks; ++i) data.weights.push_back(normal(random));
  return data;
}

std::vector<double> effects_in_batches(const Case& data, std::size_t batch) {
  EffectSums sums(kUnits, kTasks);
  for (std::size_t first = 0; first < kRows; first += batch) {
    const std::size_t rows = std::min(batch, kRows - first);
    sums.add(std::span(data.outputs).subspan(first * kUnits, rows * kUnits),
             std::span(data.labels).subspan(first * kTasks, rows * kTasks));
  }
  return sums.effects(data.weights);
}

TEST(Effects, AreMeansOfPositivesLessThoseOfNegatives) {
  const Case data = random_case(true);
  const std::vector<double> effects = effects_in_batches(data, 64);
  for (std::size_t u = 0; u < kUnits; ++u) {
    for (std::size_t t = 0; t < kTasks; ++t) {
      double sum[2] = {0, 0};
      double count[2] = {0, 0};
      for (std::size_t i = 0; i < kRows; ++i) {
        const float label = data.labels[i * kTasks + t];
        if (std::isnan(label)) continue;
        const std::size_t side = label > 0.5F ? 1 : 0;
        sum[side] += static_cast<double>(data.outputs[i * kUnits + u]) *
                     static_cast<double>(data.weights[t * kUnits + u]);
        count[side] += 1;
      }
      EXPECT_NEAR(effects[u * kTasks + t], sum[1] / count[1] - sum[0] / count[0], 1e-12);
    }
  }
}

// Least squares with an intercept, about the means.
TEST(Effects, OfNumbersAreSlopes) {
  const Case data = random_case(false);
  const std::vector<double> effects = effects_in_batches(data, kRows);
  for (std::size_t u = 0; u < kUnits; ++u) {
    for (std::size_t t = 0; t < kTasks; ++t) {
      double mean_x = 0;
      double mean_y = 0;
      double count = 0;
      const auto each = [&](const auto& visit) {
        for (std::size_t i = 0; i < kRows; ++i) {
          const double x = data.labels[i * kTasks + t];
          if (!std::isnan(x)) visit(x, data.outputs[i * kUnits + u] * data.weights[t * kUnits + u]);
        }
      };
      each([&](double x, double y) {
        mean_x += x;
        mean_y += y;
        count += 1;
      });
      mean_x /= count;
      mean_y /= count;
      double xx = 0;
      double xy = 0;
      each([&](double x, double y) {
        xx += (x - mean_x) * (x - mean_x);
        xy += (x - mean_x) * (y - mean_y);
      });
      EXPECT_NEAR(effects[u * kTasks + t], xy / xx, 1e-6);
    }
  }
}

TEST(Effects, DoNotDependOnThreadsOrBatches) {
  const Case data = random_case(true);
  test::ThreadCount one(1);
  const std::vector<double> expected = effects_in_batches(data, kRows);
  test::ThreadCount two(2);
  EXPECT_EQ(effects_in_batches(data, 33), expected);
}

TEST(Effects, OfTasksWithEqualLabelsAreNone) {
  EffectSums sums(1, 3);
  const std::vector<float> outputs{1, 2};
  const std::vector<float> labels{1, 0.1F, std::nanf(""), 1, 0.1F, std::nanf("")};
  sums.add(outputs, labels);
  const std::vector<float> weights{1, 1, 1};
  for (const double effect : sums.effects(weights)) EXPECT_TRUE(std::isnan(effect));
  EXPECT_THROW(sums.add(outputs, weights), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
