// The best alignment of a query with each target.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/motif_comparison.h"
#include "model/motif/column_scores.h"

namespace explainn::model {

struct Alignment {
  std::int64_t score;    ///< sum of column scores, and the penalty for each query column beside
  std::int64_t offset;   ///< first aligned column of the target less that of the query
  std::int64_t overlap;  ///< aligned columns
};

/// Alignments of one query after another; the memory of one serves all.
class BestAlignments {
 public:
  explicit BestAlignments(const TargetColumns& targets);

  /// For each strand of each target the alignment of the largest score over at least
  /// min(min_overlap, both widths) columns; of equal ones that of the larger overlap, then of the
  /// smaller offset.
  void compute(const ColumnScores& scores, std::int64_t min_overlap);
  const std::vector<Alignment>& best() const { return best_; }

 private:
  // The scores of all offsets of some targets, side by side.
  struct Group {
    std::size_t first, end;  // strands
    std::int64_t positions;  // offsets of all of them
  };

  Group group_from(std::size_t first, std::int64_t columns) const;
  void lay_out(const ColumnScores& scores, const Group& group);
  template <typename Sum>
  void add_up(const ColumnScores& scores, const Group& group, std::vector<Sum>& sums,
              void (*diagonals)(const engine::DiagonalParams<Sum>&));
  template <typename Sum>
  void choose(const Group& group, const std::vector<Sum>& sums, std::int64_t columns);
  void rank_offsets(std::int64_t columns, std::int64_t min_overlap);

  const TargetColumns& targets_;
  const engine::ComparisonLoops& loops_;
  std::vector<std::vector<std::uint32_t>>
      preference_;                  // by width and offset: the larger, the better
  std::vector<std::uint8_t> rows_;  // [query columns, stride_]
  std::int64_t stride_ = 0;
  std::vector<std::uint16_t> sums_16_;
  std::vector<std::uint32_t> sums_32_;
  std::vector<Alignment> best_;
};

}  // namespace explainn::model
