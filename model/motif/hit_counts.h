// From the p-values of hits to q-values, without keeping the hits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/motif/scanner.h"
#include "model/motif/score_distribution.h"

namespace explainn::model {

/// Benjamini and Hochberg's (1995) false discovery rates of each motif's hits among all windows
/// that were looked at, both strands: the least of p N / rank over the hits that are no better. A
/// hit's p-value follows from its score, so it is enough to count the hits of each score: memory
/// does not grow with their number. (Windows that are no hits, had they been kept, could only make
/// the q-values of hits near the threshold smaller.)
class HitCounts {
 public:
  explicit HitCounts(std::span<const ScoreDistribution> motifs);

  void add(const MotifScanner::PieceHits& piece);
  /// Once, when all hits are counted.
  void finish();
  /// Of a hit of `motif` with `score`.
  double q_value(std::int32_t motif, std::int32_t score) const;

 private:
  struct Counts {
    const ScoreDistribution* distribution;
    std::vector<std::int64_t> hits;  // [best - score]
    std::int64_t windows = 0;
    std::vector<double> q;  // [best - score]
  };
  std::vector<Counts> motifs_;
};

}  // namespace explainn::model
