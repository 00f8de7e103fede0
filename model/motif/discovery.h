// From the filters of a model of one binary task to its motifs: each judged as a motif alone, those
// that say the same together, the ones that tell most first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/interpret/interpretation.h"
#include "model/motif/binding_modes.h"
#include "model/motif/enrichment.h"
#include "model/motif/judgement.h"

namespace explainn::model {

/// E-value up to which a motif counts as significant.
inline constexpr double kSignificant = 0.05;

/// A motif that stands for its binding mode: the one of its motifs whose best hits tell positives
/// from negatives best on the validation part.
struct DiscoveredMotif {
  std::size_t motif = 0;  ///< in Interpretation::motifs
  std::size_t unit = 0;
  std::size_t mode = 0;            ///< in Discovery::modes
  std::vector<std::size_t> group;  ///< units of its mode, itself among them, in ascending order
  ScoreAreas valid{}, test{};      ///< of the best hit in each sequence
  HitTable hits;                   ///< on the test part, by the threshold that enriches most on
                                   ///< the validation part
  double log10_p = 0;              ///< FisherTest of `hits`
  double log10_e = 0;              ///< p times the number of motifs discovered, at most 0
  bool significant() const;
};

struct Discovery {
  std::vector<DiscoveredMotif> motifs;  ///< a mode each, those that tell most first
  std::vector<BindingMode> modes;       ///< of Interpretation::motifs, with these representatives
};

/// The motifs of `result`, those first whose best hits tell most on the validation part, equal ones
/// by unit. Not by importance: a unit that fires on both strands of a site matters much, and its
/// motif is a blur of the two. `dataset` has one task with labels of 0 and 1 and
/// validation and test rows. Motifs without information are left out. The choices (threshold,
/// representatives) see the validation part alone, so that the numbers of the test part are honest.
/// Memory: 8 bytes a motif and sequence of these parts.
Discovery discover_motifs(const Interpretation& result, const data::Dataset& dataset);

}  // namespace explainn::model
