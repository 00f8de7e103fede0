#include "model/motif/column_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace explainn::model {
namespace {

constexpr double kMost = engine::kMostColumnScore;
// More than a distance in single precision can be off: the probabilities are rounded by at most
// 2^-25, their differences too; the sum of squares and its root lose a few units of 2^-24 of 1.42,
// 1 less a product of directions a few of 2.
constexpr double kDistanceError = 1e-6;
// What that makes of a score up to 100, with the rounding of its own scaling.
constexpr float kScoreTolerance = 2.5e-4F;

double euclidean(const ProbabilityColumn& a, const ProbabilityColumn& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

double correlation(const ProbabilityColumn& a, const ProbabilityColumn& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    ab += (a[i] - 0.25) * (b[i] - 0.25);
    aa += (a[i] - 0.25) * (a[i] - 0.25);
    bb += (b[i] - 0.25) * (b[i] - 0.25);
  }
  return aa < kFlat || bb < kFlat ? 0 : ab / std::sqrt(aa * bb);
}

// The two ranks (from 0) whose mean is called the median of `count` values.
std::array<std::int64_t, 2> median_ranks(std::int64_t count) {
  return {std::max<std::int64_t>(count / 2 - 1, 0),
          std::max<std::int64_t>(count - count / 2 - 1, 0)};
}

template <typename T>
T* row_of(std::vector<T>& values, std::size_t row, std::int64_t width) {
  return values.data() + static_cast<std::int64_t>(row) * width;
}

}  // namespace

ColumnScores::ColumnScores(const TargetColumns& targets, ColumnDistance distance)
    : targets_(targets),
      distance_(distance),
      nearest_possible_(distance == ColumnDistance::euclidean ? 0 : 1),
      loops_(engine::comparison_loops(chosen_instruction_set())) {}

double ColumnScores::similarity(std::size_t column, std::int64_t target) const {
  const ProbabilityColumn& other = targets_.columns[static_cast<std::size_t>(target)];
  return distance_ == ColumnDistance::euclidean ? -euclidean(query_[column], other)
                                                : correlation(query_[column], other);
}

double ColumnScores::integer_score(std::size_t column, std::int64_t target) const {
  return std::floor((similarity(column, target) - medians_[column] - offset_) * scale_ + 0.5);
}

void ColumnScores::compute(const std::vector<ProbabilityColumn>& query) {
  query_ = query;
  medians_.assign(query.size(), 0);
  const std::size_t size = query.size() * static_cast<std::size_t>(targets_.count);
  scores_.resize(size + kReadBeyond);
  nearest_.resize(query.size());
  farthest_.resize(query.size());
  distances_.resize(size);
  for (std::size_t i = 0; i < query.size(); ++i) measure_distances(i);
  set_scale(extent_of_distances());
  for (std::size_t i = 0; i < query.size(); ++i) {
    if (scale_ <= kMost) {
      round_distances(i);
      continue;
    }
    std::uint8_t* const scores = row_of(scores_, i, targets_.count);
    for (std::int64_t c = 0; c < targets_.count; ++c) {
      scores[c] = static_cast<std::uint8_t>(integer_score(i, c));
    }
  }
}

void ColumnScores::measure_distances(std::size_t column) {
  float* const distances = row_of(distances_, column, targets_.count);
  const std::array<float, 4> query = coordinates_of(query_[column], distance_);
  const engine::DistanceParams p{.count = targets_.count,
                                 .targets = targets_.coordinates.data(),
                                 .query = query.data(),
                                 .distances = distances};
  (distance_ == ColumnDistance::euclidean ? loops_.distances : loops_.correlations)(p);
  loops_.extremes(distances, targets_.count, &nearest_[column], &farthest_[column]);
  medians_[column] = median_of_distances(column);
}

double ColumnScores::median_of_distances(std::size_t column) {
  // Ranks of similarities: the farthest is the least.
  const auto [lower, upper] = median_ranks(targets_.count);
  const double below = -distance_of_rank(column, targets_.count - 1 - lower);
  if (lower == upper) return below;
  return (below - distance_of_rank(column, targets_.count - 1 - upper)) / 2;
}

// In double the distance with `rank` (from 0) cannot be further from the bracket of that in single
// precision than distances are off, so all that are much further are certainly below or above it.
double ColumnScores::distance_of_rank(std::size_t column, std::int64_t rank) {
  const float* const distances = row_of(distances_, column, targets_.count);
  const RankBracket bracket = rank_search_.find(distances, targets_.count, rank, nearest_[column],
                                                farthest_[column], kDistanceError);
  const engine::BoundsParams between{.count = targets_.count,
                                     .values = distances,
                                     .low = static_cast<float>(bracket.low - 2 * kDistanceError),
                                     .high = static_cast<float>(bracket.high + 2 * kDistanceError)};
  marks_.resize(static_cast<std::size_t>(targets_.count / engine::kScoreBlock + 1));
  const std::int64_t below = loops_.mark_between(between, marks_.data());
  sorted_.clear();
  for (std::int64_t begin = 0; begin < targets_.count; begin += engine::kScoreBlock) {
    if (marks_[static_cast<std::size_t>(begin / engine::kScoreBlock)] == 0) continue;
    const std::int64_t end = std::min(begin + engine::kScoreBlock, targets_.count);
    for (std::int64_t c = begin; c < end; ++c) {
      if (distances[c] >= between.low && distances[c] <= between.high) {
        sorted_.push_back(-similarity(column, c));
      }
    }
  }
  const auto wanted = sorted_.begin() + (rank - below);
  std::nth_element(sorted_.begin(), wanted, sorted_.end());
  return *wanted;
}

// Only columns that may hold the extremes of all are searched for them in double.
ColumnScores::Extent ColumnScores::extent_of_distances() const {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  Extent rough{kInfinite, -kInfinite};
  for (std::size_t i = 0; i < query_.size(); ++i) {
    rough.most = std::max(rough.most, nearest_possible_ - nearest_[i] - medians_[i]);
    rough.least = std::min(rough.least, nearest_possible_ - farthest_[i] - medians_[i]);
  }
  Extent extent{kInfinite, -kInfinite};
  for (std::size_t i = 0; i < query_.size(); ++i) {
    // Distances that are so near or far reach the extremes, as far as single precision can tell.
    const double near = nearest_possible_ - rough.most - medians_[i] + 2 * kDistanceError;
    const double far = nearest_possible_ - rough.least - medians_[i] - 2 * kDistanceError;
    if (nearest_[i] > near && farthest_[i] < far) continue;
    const float* const distances =
        distances_.data() + static_cast<std::int64_t>(i) * targets_.count;
    for (std::int64_t c = 0; c < targets_.count; ++c) {
      const double distance = distances[c];
      if (distance > near && distance < far) continue;
      const double value = similarity(i, c) - medians_[i];
      extent.least = std::min(extent.least, value);
      extent.most = std::max(extent.most, value);
    }
  }
  return extent;
}

void ColumnScores::set_scale(Extent extent) {
  if (extent.most == extent.least) extent.least = extent.most - 1;
  offset_ = std::floor(extent.least);
  scale_ = std::floor(kMost / (extent.most - offset_));
  penalty_ = static_cast<std::int64_t>(-offset_ * scale_);
}

void ColumnScores::round_distances(std::size_t column) {
  marks_.resize(static_cast<std::size_t>(targets_.count / engine::kScoreBlock + 1));
  std::uint8_t* const scores = row_of(scores_, column, targets_.count);
  const double shift = (nearest_possible_ - medians_[column] - offset_) * scale_ + 0.5;
  loops_.quantise({.count = targets_.count,
                   .distances = row_of(distances_, column, targets_.count),
                   .factor = static_cast<float>(-scale_),
                   .shift = static_cast<float>(shift),
                   .tolerance = kScoreTolerance,
                   .scores = scores,
                   .doubtful = marks_.data()});
  const float* const distances = row_of(distances_, column, targets_.count);
  for (std::int64_t begin = 0; begin < targets_.count; begin += engine::kScoreBlock) {
    if (marks_[static_cast<std::size_t>(begin / engine::kScoreBlock)] == 0) continue;
    const std::int64_t end = std::min(begin + engine::kScoreBlock, targets_.count);
    for (std::int64_t c = begin; c < end; ++c) {
      const double value = shift - scale_ * distances[c];
      if (std::abs(value - std::round(value)) > 2 * static_cast<double>(kScoreTolerance)) continue;
      scores[c] = static_cast<std::uint8_t>(integer_score(column, c));
    }
  }
}

}  // namespace explainn::model
