// Groups of motifs that match each other: a binding mode, what its motifs have in common, and the
// one that stands for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/motif_file.h"
#include "model/motif/comparison.h"

namespace explainn::model {

/// p-value up to which two motifs count as one and the same. Of p, not of E, and with chance drawn
/// from typical_motifs() beside the file's own: whether they do must not depend on how many others
/// are in the file (columns of many others alike still count a little). With it the vertebrate
/// motifs of JASPAR fall into the families that are known.
inline constexpr double kSameMotif = 1e-3;

/// A motif in its mode, as it lies along the representative.
struct ModeMember {
  std::size_t motif;   ///< in the file
  bool reverse;        ///< turned: `start` refers to its reverse complement
  std::int64_t start;  ///< the representative's column under its first one; may be negative
  double p;            ///< of its match with the representative, the larger one of both directions
};

struct BindingMode {
  std::size_t representative;       ///< in the file
  std::vector<ModeMember> members;  ///< in the order of the file, the representative among them
  /// All members as one matrix, the representative's columns and those beside them that at least
  /// half of the members have. Members count by their sites, alike if one's are not known. Sites:
  /// their sum (the sites of filters that fire at one place count for each), 0 if not known. Its id
  /// is empty, its name the representative's (its id without).
  data::Motif archetype;
};

struct ModeOptions {
  ComparisonOptions comparison;  ///< of which the thresholds do not matter
  double p_value = kSameMotif;   ///< 0 .. 1
};

/// The motifs' modes, the largest first, of equal ones that of the first motif: complete linkage
/// (every two motifs of a mode match at `p_value` in both directions; no two modes could be one)
/// of compare_motifs(). Motifs without information are in none: they match what they should not.
/// The representative is the member whose farthest other member is nearest, of equal ones that of
/// the most sites. `progress` as in compare_motifs(). Memory: 24 bytes a pair of motifs. Throws as
/// compare_motifs() does, and std::invalid_argument for a `p_value` out of range.
std::vector<BindingMode> binding_modes(const data::MotifFile& motifs, const ModeOptions& options,
                                       const std::function<void(double)>& progress = {});

/// A set without redundant motifs: of `order` (numbers of motifs, the best first) each in turn is
/// taken, unless it matches one taken before at `p_value` in both directions. Returns [order] the
/// motif that stands for each: itself, or the first taken that it matches; motifs without
/// information stand for themselves. Memory: 8 bytes a pair. Throws as binding_modes() does.
std::vector<std::size_t> first_alike(const data::MotifFile& motifs, const ModeOptions& options,
                                     std::span<const std::size_t> order);

}  // namespace explainn::model
