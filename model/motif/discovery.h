// From the filters of a model of one binary task to its motifs: each judged as a motif alone, those
// that say the same together, the ones that tell most first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/interpret/interpretation.h"
#include "model/motif/enrichment.h"
#include "model/motif/judgement.h"

namespace explainn::model {

/// E-value up to which a motif counts as significant: of a thousand data sets without any motif, in
/// one something is called so.
inline constexpr double kSignificant = 0.001;

/// A motif that says what no better one has said: the better its best hits tell positives from
/// negatives on the validation part, the better it is. Numbers are of the test part.
struct DiscoveredMotif {
  std::size_t motif = 0;  ///< in Interpretation::motifs
  std::size_t unit = 0;
  std::vector<std::size_t> group{};  ///< its unit and those of motifs that it stands for, ascending
  ScoreAreas valid{}, test{};        ///< of the best hit in each sequence; the first of validation
  float threshold = 0;               ///< bits: what counts as a hit enriches most on validation
  HitTable hits;                     ///< sequences by their best hit
  double log10_p = 0;                ///< FisherTest of `hits`
  HitTable own;  ///< the same on what the sites of better significant motifs leave, the threshold
                 ///< chosen on what they leave of the validation part
  double log10_own_p = 0;
  double log10_e = 0;                   ///< own p times the number of motifs discovered, at most 0
  std::optional<std::size_t> overlaps;  ///< which better significant one's sites most of its best
                                        ///< hits in positives overlap: place among the discovered
  double overlap = 0;                   ///< the share of its best hits in positives that do
  bool significant() const;
};

/// The motifs of `result`, the best first, of equal ones the more
/// informative, then by unit. Not by importance: a unit that fires
/// on both strands of a site matters much, and its motif is a blur of the two. A motif that matches
/// a better one (first_alike()) is not among them; of a group the most informative stands among
/// those that tell at least 0.98 of what its best does. `dataset` has one task with labels of 0 and
/// 1 and validation and test rows. `strands`: where motifs are looked for, and on which they are
/// compared. Motifs without information are left out. The choices (threshold,
/// order, who stands for whom) see the validation part alone, so that the numbers of the test part
/// are honest. Memory: 8 bytes a motif and sequence of these parts, 3 bytes a base.
std::vector<DiscoveredMotif> discover_motifs(const Interpretation& result,
                                             const data::Dataset& dataset, ScanStrands strands);

}  // namespace explainn::model
