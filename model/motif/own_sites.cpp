#include "model/motif/own_sites.h"

#include <algorithm>
#include <cmath>

namespace explainn::model {

OwnSites::OwnSites(const LabelledSequences& valid, const LabelledSequences& test,
                   const FisherTest& fisher, ScanStrands strands, std::size_t motifs)
    : valid_(&valid),
      test_(&test),
      fisher_(&fisher),
      strands_(strands),
      log10_motifs_(std::log10(static_cast<double>(motifs))),
      left_valid_(valid.sequences),
      left_test_(test.sequences) {}

void OwnSites::judge(const ScoreColumns& columns, const MotifCore& core, DiscoveredMotif& one) {
  find_overlaps(columns, core, one);
  // Without its flanks: a window beside a site that was taken is still a window.
  const auto begin = columns.begin() + static_cast<std::ptrdiff_t>(core.begin);
  const ScoreColumns own(begin, begin + static_cast<std::ptrdiff_t>(core.width));
  const auto best = [&](const SiteMask& left) {
    return best_scores(std::span(&own, 1), left.sequences(), strands_);
  };
  const float threshold = most_enriched_threshold(*fisher_, best(left_valid_), valid_->labels);
  one.own = count_hits(best(left_test_), test_->labels, threshold);
  one.log10_own_p = fisher_->log10_p(one.own);
  one.log10_e = std::min(one.log10_own_p + log10_motifs_, 0.0);
  if (one.significant()) {
    left_valid_.take(own, threshold, strands_, judged_);
    left_test_.take(own, threshold, strands_, judged_);
  }
  ++judged_;
}

void OwnSites::find_overlaps(const ScoreColumns& columns, const MotifCore& core,
                             DiscoveredMotif& one) const {
  const std::vector<MotifHit> hits = all_hits(columns, one.threshold, test_->sequences, strands_);
  std::vector<std::size_t> overlapping(judged_);  // by whose sites they overlap
  std::size_t positives = 0;
  for (auto at = hits.begin(); at != hits.end();) {
    const auto end = std::find_if(
        at, hits.end(), [&](const MotifHit& hit) { return hit.sequence != at->sequence; });
    const MotifHit& best = *std::max_element(
        at, end, [](const MotifHit& a, const MotifHit& b) { return a.score < b.score; });
    at = end;
    if (test_->labels[static_cast<std::size_t>(best.sequence)] < 0.5F) continue;
    ++positives;
    const std::size_t flank = best.strand == data::Strand::forward
                                  ? core.begin
                                  : columns.size() - core.begin - core.width;
    const auto taker =
        left_test_.taker(best.sequence, best.begin + static_cast<std::int64_t>(flank), core.width);
    if (taker) ++overlapping[*taker];
  }
  const auto most = std::max_element(overlapping.begin(), overlapping.end());
  if (most == overlapping.end() || *most == 0) return;
  one.overlaps = static_cast<std::size_t>(most - overlapping.begin());
  one.overlap = static_cast<double>(*most) / static_cast<double>(positives);
}

}  // namespace explainn::model
