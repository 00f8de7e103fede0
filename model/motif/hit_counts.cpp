#include "model/motif/hit_counts.h"

#include <algorithm>

namespace explainn::model {

HitCounts::HitCounts(std::span<const ScoreDistribution> motifs) {
  for (const ScoreDistribution& motif : motifs) {
    const auto scores = static_cast<std::size_t>(motif.best() + 1 - motif.threshold());
    motifs_.push_back({&motif, std::vector<std::int64_t>(scores), 0, {}});
  }
}

void HitCounts::add(const MotifScanner::PieceHits& piece) {
  for (std::size_t m = 0; m < motifs_.size(); ++m) motifs_[m].windows += piece.windows[m];
  for (const MotifHit& hit : piece.hits) {
    Counts& counts = motifs_[static_cast<std::size_t>(hit.motif)];
    ++counts.hits[static_cast<std::size_t>(counts.distribution->best() - hit.score)];
  }
}

void HitCounts::finish() {
  for (Counts& counts : motifs_) {
    counts.q.assign(counts.hits.size(), 1.0);
    std::int64_t rank = 0;
    for (std::size_t d = 0; d < counts.q.size(); ++d) {
      rank += counts.hits[d];
      if (counts.hits[d] == 0) continue;
      const double p =
          counts.distribution->p_value(counts.distribution->best() - static_cast<std::int32_t>(d));
      counts.q[d] =
          std::min(1.0, p * static_cast<double>(counts.windows) / static_cast<double>(rank));
    }
    for (std::size_t d = counts.q.size(); d-- > 1;) {
      counts.q[d - 1] = std::min(counts.q[d - 1], counts.q[d]);
    }
  }
}

double HitCounts::q_value(std::int32_t motif, std::int32_t score) const {
  const Counts& counts = motifs_[static_cast<std::size_t>(motif)];
  return counts.q[static_cast<std::size_t>(counts.distribution->best() - score)];
}

}  // namespace explainn::model
