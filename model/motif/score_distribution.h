// How likely a motif's scores are: exact p-values of whole-numbered scores.
#pragma once

#include <cstdint>
#include <vector>

#include "model/motif/score_matrix.h"

namespace explainn::model {

/// The upper end of the distribution of a window's score when its letters are drawn from the
/// background one by one, independently (dynamic programming over what a window lacks to the best
/// score; Staden 1989). Exact but for the rounding of doubles: only sums of products of what is
/// positive, the rarest first.
class ScoreDistribution {
 public:
  /// Keeps what is needed for p-values up to `largest_p`. Memory: 8 bytes a score.
  ScoreDistribution(const ScoreColumns& columns, const Frequencies& background, double largest_p);

  /// The least score whose p-value is at most `largest_p`; best() + 1 if there is none.
  std::int32_t threshold() const { return best_ + 1 - static_cast<std::int32_t>(tail_.size()); }
  /// The best score that a window can have.
  std::int32_t best() const { return best_; }
  /// The p-value of the best score: no window has a smaller one.
  double least_p() const { return least_p_; }
  /// P(a window's score >= `score`), for scores from threshold() to best().
  double p_value(std::int32_t score) const {
    return tail_[static_cast<std::size_t>(best_ - score)];
  }

 private:
  std::int32_t best_ = 0;
  double least_p_ = 0;
  std::vector<double> tail_;  // [deficit]
};

}  // namespace explainn::model
