#include "model/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"
#include "model/curves.h"

namespace explainn::model {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr float kPositiveFrom = 0.5F;

struct Pair {
  double score;
  double label;
};

/// The resolved entries; none at all where a score is NaN, so that every metric is undefined.
std::vector<Pair> resolved(std::span<const float> scores, std::span<const float> labels) {
  require(scores.size() == labels.size(), "metrics", scores.size(), " scores, ", labels.size(),
          " labels");
  std::vector<Pair> pairs;
  pairs.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(labels[i])) continue;
    if (std::isnan(scores[i])) return {};
    pairs.push_back({scores[i], labels[i]});
  }
  return pairs;
}

/// A constant side gives 0 / 0: in double the sum of 2^29 equal floats, or ranks, is exact, and so
/// is their mean.
double correlation(const std::vector<Pair>& pairs) {
  Pair mean{0, 0};
  for (const Pair& p : pairs) {
    mean.score += p.score;
    mean.label += p.label;
  }
  const auto count = static_cast<double>(pairs.size());
  mean.score /= count;
  mean.label /= count;
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (const Pair& p : pairs) {
    const double x = p.score - mean.score;
    const double y = p.label - mean.label;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  const double r = xy / (std::sqrt(xx) * std::sqrt(yy));
  return std::isnan(r) ? r : std::clamp(r, -1.0, 1.0);
}

/// Replaces one side of the pairs by ranks from 1; equal values share their average rank.
void rank(std::vector<Pair>& pairs, double Pair::*side) {
  std::sort(pairs.begin(), pairs.end(),
            [side](const Pair& a, const Pair& b) { return a.*side < b.*side; });
  for (std::size_t first = 0; first < pairs.size();) {
    std::size_t last = first + 1;
    while (last < pairs.size() && pairs[last].*side == pairs[first].*side) ++last;
    const double average = 0.5 * static_cast<double>(first + 1 + last);
    for (; first < last; ++first) pairs[first].*side = average;
  }
}

}  // namespace

std::vector<ScoreTie> descending_ties(std::span<const float> scores,
                                      std::span<const float> labels) {
  std::vector<Pair> pairs = resolved(scores, labels);
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& a, const Pair& b) { return a.score > b.score; });
  std::vector<ScoreTie> ties;
  ScoreTie all;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || pairs[i].score != pairs[i - 1].score) ties.emplace_back();
    const bool positive = pairs[i].label >= kPositiveFrom;
    (positive ? ties.back().positives : ties.back().negatives) += 1;
    (positive ? all.positives : all.negatives) += 1;
  }
  if (all.positives == 0 || all.negatives == 0) ties.clear();
  return ties;
}

double average_precision(std::span<const float> scores, std::span<const float> labels) {
  const std::vector<ScoreTie> ties = descending_ties(scores, labels);
  double hits = 0;
  double taken = 0;
  double sum = 0;
  for (const ScoreTie& tie : ties) {
    hits += tie.positives;
    taken += tie.positives + tie.negatives;
    sum += tie.positives * (hits / taken);
  }
  return ties.empty() ? kUndefined : sum / hits;
}

double roc_auc(std::span<const float> scores, std::span<const float> labels) {
  const std::vector<ScoreTie> ties = descending_ties(scores, labels);
  double positives = 0;
  double negatives = 0;
  double wins = 0;  // (positive, negative) pairs in the right order: exact, multiples of 1/2
  for (const ScoreTie& tie : ties) {
    wins += tie.negatives * (positives + 0.5 * tie.positives);
    positives += tie.positives;
    negatives += tie.negatives;
  }
  return ties.empty() ? kUndefined : wins / (positives * negatives);
}

double pearson(std::span<const float> scores, std::span<const float> labels) {
  return correlation(resolved(scores, labels));
}

double spearman(std::span<const float> scores, std::span<const float> labels) {
  std::vector<Pair> pairs = resolved(scores, labels);
  rank(pairs, &Pair::score);
  rank(pairs, &Pair::label);
  return correlation(pairs);
}

double r_squared(std::span<const float> scores, std::span<const float> labels) {
  const std::vector<Pair> pairs = resolved(scores, labels);
  const double mean = std::accumulate(pairs.begin(), pairs.end(), 0.0,
                                      [](double sum, const Pair& p) { return sum + p.label; }) /
                      static_cast<double>(pairs.size());
  double error = 0;
  double total = 0;
  for (const Pair& p : pairs) {
    error += (p.label - p.score) * (p.label - p.score);
    total += (p.label - mean) * (p.label - mean);
  }
  return total > 0 ? 1 - error / total : kUndefined;
}

double accuracy(std::span<const float> scores, std::span<const float> labels,
                std::int64_t classes) {
  const auto width = static_cast<std::size_t>(classes);
  require(classes > 0 && scores.size() == labels.size() * width, "metrics", scores.size(),
          " scores, ", labels.size(), " labels, ", classes, " classes");
  double right = 0;
  double count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::isnan(labels[i])) continue;
    const auto row = scores.subspan(i * width, width);
    if (std::any_of(row.begin(), row.end(), [](float s) { return std::isnan(s); })) {
      return kUndefined;
    }
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    right += static_cast<float>(best) == labels[i] ? 1 : 0;
    count += 1;
  }
  return count == 0 ? kUndefined : right / count;
}

std::vector<double> correlation_across_tasks(std::span<const float> predictions,
                                             std::span<const float> labels, std::int64_t tasks) {
  const auto width = static_cast<std::size_t>(tasks);
  require(tasks > 0 && predictions.size() % width == 0 && labels.size() == predictions.size(),
          "metrics", predictions.size(), " predictions, ", labels.size(), " labels, ", tasks,
          " tasks");
  std::vector<double> correlations(predictions.size() / width);
  for (std::size_t i = 0; i < correlations.size(); ++i) {
    correlations[i] =
        pearson(predictions.subspan(i * width, width), labels.subspan(i * width, width));
  }
  return correlations;
}

}  // namespace explainn::model
