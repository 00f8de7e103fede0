// How alike each column of a query and each column of all targets are, as integers.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/motif_comparison.h"
#include "model/motif/comparison.h"
#include "model/motif/rank_search.h"
#include "model/motif/target_columns.h"

namespace explainn::model {

/// Column scores of one query after another; the memory of one serves all.
class ColumnScores {
 public:
  ColumnScores(const TargetColumns& targets, ColumnDistance distance);

  /// Computes the scores of `query` (>= 1 columns) with all targets: similarities less the median
  /// of each query column, scaled to 0 .. 100 over the whole matrix and rounded. They are
  /// taken in single precision first, and anew in double wherever that could make the integer, a
  /// median or the scale another one.
  void compute(const std::vector<ProbabilityColumn>& query);

  std::int64_t columns() const { return static_cast<std::int64_t>(query_.size()); }
  /// [N] scores of a query column; kReadBeyond bytes behind them may be read.
  static constexpr std::size_t kReadBeyond = 16;
  const std::uint8_t* row(std::int64_t column) const {
    return scores_.data() + column * targets_.count;
  }
  /// What a query column scores that stands beside the target.
  std::int64_t penalty() const { return penalty_; }

 private:
  struct Extent {
    double least, most;
  };

  double similarity(std::size_t column, std::int64_t target) const;
  double integer_score(std::size_t column, std::int64_t target) const;
  void measure_distances(std::size_t column);
  double median_of_distances(std::size_t column);
  double distance_of_rank(std::size_t column, std::int64_t rank);
  Extent extent_of_distances() const;
  void set_scale(Extent extent);
  void round_distances(std::size_t column);

  const TargetColumns& targets_;
  const ColumnDistance distance_;
  const double nearest_possible_;  // similarity = this less the distance
  const engine::ComparisonLoops& loops_;
  std::vector<ProbabilityColumn> query_;
  std::vector<double> medians_;            // [w] of similarities
  std::vector<float> nearest_, farthest_;  // [w] distances
  std::vector<float> distances_;           // [w, N]
  RankSearch rank_search_;
  std::vector<double> sorted_;        // candidates for a rank
  std::vector<std::uint8_t> marks_;   // of blocks of the column at hand
  std::vector<std::uint8_t> scores_;  // [w, N]
  double offset_ = 0;
  double scale_ = 1;
  std::int64_t penalty_ = 0;
};

}  // namespace explainn::model
