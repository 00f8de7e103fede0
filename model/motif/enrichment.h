// How unlikely it is that a motif prefers one set of sequences as much as it does by chance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace explainn::model {

/// Sequences of two kinds, and how many of each a motif hits.
struct HitTable {
  std::int64_t positives = 0, negatives = 0;
  std::int64_t positives_hit = 0, negatives_hit = 0;
};

/// Fisher's exact test, one-sided (Fisher 1935, J R Stat Soc 98:39). Probabilities come as decimal
/// logarithms, since those of good motifs are below what a double holds.
class FisherTest {
 public:
  /// For tables of at most `sequences` sequences. Memory: 8 bytes each.
  explicit FisherTest(std::int64_t sequences);

  /// log10 of the chance that as many or more of the hits are positives, were the hits drawn from
  /// all sequences. Throws std::invalid_argument for a table that cannot be.
  double log10_p(const HitTable& table) const;

 private:
  double log_choose(std::int64_t n, std::int64_t k) const;

  std::vector<double> log_factorial_;
};

/// The least score that counts as a hit such that hits are most surely enriched in positives
/// (labels of 0.5 and more): the smallest log10_p() over all scores that occur; of equal ones the
/// highest. Infinite if no threshold enriches. scores, labels [N], neither NaN; `test`
/// for N sequences or more.
float most_enriched_threshold(const FisherTest& test, std::span<const float> scores,
                              std::span<const float> labels);

/// The hits among scores [N] that reach `threshold`.
HitTable count_hits(std::span<const float> scores, std::span<const float> labels, float threshold);

}  // namespace explainn::model
