#include "model/motif/enrichment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

bool is_positive(float label) {
  return label >= 0.5F;
}

// More hits among the positives than their share.
bool is_enriched(const HitTable& t) {
  return t.positives_hit * t.negatives > t.negatives_hit * t.positives;
}

}  // namespace

FisherTest::FisherTest(std::int64_t sequences) {
  require(sequences >= 0, "FisherTest", "fewer than no sequences");
  log_factorial_.resize(static_cast<std::size_t>(sequences) + 1);
  for (std::size_t n = 1; n < log_factorial_.size(); ++n) {
    log_factorial_[n] = log_factorial_[n - 1] + std::log(static_cast<double>(n));
  }
}

double FisherTest::log_choose(std::int64_t n, std::int64_t k) const {
  const auto at = [this](std::int64_t i) { return log_factorial_[static_cast<std::size_t>(i)]; };
  return at(n) - at(k) - at(n - k);
}

double FisherTest::log10_p(const HitTable& t) const {
  require(t.positives_hit >= 0 && t.negatives_hit >= 0 && t.positives_hit <= t.positives &&
              t.negatives_hit <= t.negatives &&
              t.positives + t.negatives < static_cast<std::int64_t>(log_factorial_.size()),
          "FisherTest::log10_p", "a table that cannot be");
  const std::int64_t hits = t.positives_hit + t.negatives_hit;
  const std::int64_t most = std::min(hits, t.positives);
  const auto log_term = [&](std::int64_t k) {
    return log_choose(t.positives, k) + log_choose(t.negatives, hits - k);
  };
  // Terms rise up to the expected number and fall from there on; relative to the largest of them.
  const double expected = static_cast<double>(hits + 1) * static_cast<double>(t.positives + 1) /
                          static_cast<double>(t.positives + t.negatives + 2);
  const std::int64_t top = std::clamp(static_cast<std::int64_t>(expected), t.positives_hit, most);
  const double largest = log_term(top);
  double sum = 0;
  const auto add = [&](std::int64_t k) {
    const double part = std::exp(log_term(k) - largest);
    sum += part;
    return part > sum * std::numeric_limits<double>::epsilon() / 4;
  };
  for (std::int64_t k = top; k <= most && add(k); ++k) {
  }
  for (std::int64_t k = top - 1; k >= t.positives_hit && add(k); --k) {
  }
  const double log_p = largest + std::log(sum) - log_choose(t.positives + t.negatives, hits);
  return std::min(log_p / std::log(10.0), 0.0);
}

float most_enriched_threshold(const FisherTest& test, std::span<const float> scores,
                              std::span<const float> labels) {
  require(scores.size() == labels.size(), "most_enriched_threshold", "a label for each score");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  HitTable table;
  table.positives = std::count_if(labels.begin(), labels.end(), is_positive);
  table.negatives = static_cast<std::int64_t>(labels.size()) - table.positives;
  float threshold = std::numeric_limits<float>::infinity();
  double best = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    ++(is_positive(labels[order[i]]) ? table.positives_hit : table.negatives_hit);
    const bool last_of_equals = i + 1 == order.size() || scores[order[i + 1]] < scores[order[i]];
    if (!last_of_equals || !is_enriched(table)) continue;
    const double log10_p = test.log10_p(table);
    if (log10_p < best) {
      best = log10_p;
      threshold = scores[order[i]];
    }
  }
  return threshold;
}

HitTable count_hits(std::span<const float> scores, std::span<const float> labels, float threshold) {
  require(scores.size() == labels.size(), "count_hits", "a label for each score");
  HitTable table;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool positive = is_positive(labels[i]);
    ++(positive ? table.positives : table.negatives);
    if (scores[i] >= threshold) ++(positive ? table.positives_hit : table.negatives_hit);
  }
  return table;
}

}  // namespace explainn::model
