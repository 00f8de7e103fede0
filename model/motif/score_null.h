// What the best alignment of a query scores by chance.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/motif_comparison.h"
#include "model/motif/column_scores.h"

namespace explainn::model {

/// P(score of the best alignment >= x) for integers x.
struct UpperTail {
  std::int64_t first = 0;         ///< the least score that can be
  std::vector<float> from_first;  ///< rounded from double

  float at(std::int64_t score) const {
    const std::int64_t place = score < first ? 0 : score - first;
    return place < static_cast<std::int64_t>(from_first.size())
               ? from_first[static_cast<std::size_t>(place)]
               : 0;
  }
};

/// Nulls of one query after another; the memory of one serves all.
class ScoreNull {
 public:
  ScoreNull();

  /// For each width of a target (`widths`, ascending, >= 1) the distribution of the largest of the
  /// scores of all alignments with it, each counted `strands` times and taken as independent of
  /// the others: sums of column scores, drawn from those with all `count` target columns, and the
  /// penalty for every query column that is not aligned. tails()[k] belongs to widths[k].
  void compute(const ColumnScores& scores, std::int64_t count,
               const std::vector<std::int64_t>& widths, int strands);
  const std::vector<UpperTail>& tails() const { return tails_; }

 private:
  // The distribution of a sum: probabilities of first, first + 1 .., with zeros around them.
  struct Sum {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t begin = 0;  // of the first in memory
    std::vector<double> memory;
    const double* p() const { return memory.data() + begin; }
  };
  // The distribution of a maximum, at [score]; nothing below `first`, certainty above `last`.
  struct Maximum {
    std::int64_t first = 0;
    std::int64_t last = -1;  // before the first variable
    std::vector<double> p, cumulative;
  };

  void count_scores(const ColumnScores& scores, std::int64_t count);
  void add_column(Sum& sum, std::int64_t column);
  void take_maximum(Maximum& maximum, const Sum& sum, std::int64_t aligned, int copies);
  void extend(Maximum& maximum, const Sum& sum, std::int64_t first, int copies);
  void widen(std::int64_t width, std::int64_t interior_most);
  static void copy(const Maximum& from, Maximum& to);
  static void store_tail(const Maximum& maximum, UpperTail& tail);

  const engine::ComparisonLoops& loops_;
  std::int64_t columns_ = 0;
  std::int64_t penalty_ = 0;
  int strands_ = 2;
  std::vector<Sum> letters_;  // [w] of single columns, without margins
  std::vector<Sum> sums_;     // [w] of consecutive columns from each one on
  Sum scratch_;
  std::vector<double> cumulative_;
  Maximum ends_;      // over alignments in which the target goes beyond an end of the query
  Maximum interior_;  // and those in which it does not
  std::vector<UpperTail> tails_;
};

}  // namespace explainn::model
