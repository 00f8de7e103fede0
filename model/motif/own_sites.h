// What a motif tells beside those that tell more: pieces of one site are no findings of their own.
#pragma once

#include <cstddef>
#include <vector>

#include "model/motif/discovery.h"
#include "model/motif/site_mask.h"

namespace explainn::model {

/// Sequences with a label each.
struct LabelledSequences {
  std::vector<std::span<const data::Base>> sequences;
  std::vector<float> labels;
};

/// Judges motifs one by one, the best first, on what the sites of the significant ones before it
/// leave.
class OwnSites {
 public:
  /// `valid`: where thresholds are chosen; `test`: where hits count. `motifs`: how many there are
  /// to be judged. All of them must outlive this.
  OwnSites(const LabelledSequences& valid, const LabelledSequences& test, const FisherTest& fisher,
           ScanStrands strands, std::size_t motifs);

  /// Sets own, log10_own_p, log10_e, overlaps and overlap of the next motif, of which `columns` are
  /// the scores and `core` the columns that say something. one.threshold must be set.
  void judge(const ScoreColumns& columns, const MotifCore& core, DiscoveredMotif& one);

 private:
  void find_overlaps(const ScoreColumns& columns, const MotifCore& core,
                     DiscoveredMotif& one) const;

  const LabelledSequences* valid_;
  const LabelledSequences* test_;
  const FisherTest* fisher_;
  ScanStrands strands_;
  double log10_motifs_;
  std::size_t judged_ = 0;
  SiteMask left_valid_, left_test_;
};

}  // namespace explainn::model
