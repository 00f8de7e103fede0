// Sequences less the sites of some motifs: what is left for the others to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/motif/scanner.h"

namespace explainn::model {

/// Columns of a motif, from the first to the last that says something.
struct MotifCore {
  std::size_t begin = 0;
  std::size_t width = 0;
};

/// Without the outer columns of less than a quarter of a bit over a uniform background; all columns
/// of a motif that has no other.
MotifCore motif_core(const data::Motif& motif);

/// The windows whose score reaches `threshold` bits, sequence by sequence; none for infinity.
std::vector<MotifHit> all_hits(const ScoreColumns& motif, float threshold, Sequences sequences,
                               ScanStrands strands);

/// A copy of sequences in which the sites of one motif after the other become unknown bases.
/// Memory: three bytes a base.
class SiteMask {
 public:
  explicit SiteMask(Sequences sequences);
  SiteMask(const SiteMask&) = delete;
  SiteMask& operator=(const SiteMask&) = delete;

  /// As they are now. The views hold as long as the mask.
  Sequences sequences() const { return views_; }

  /// Takes the windows of `core` (a motif's columns, no others) that reach `threshold` bits; those
  /// with bases that are unknown or taken have no score. `name`: below 65,535.
  void take(const ScoreColumns& core, float threshold, ScanStrands strands, std::size_t name);

  /// Who took most of the bases [begin, begin + width) of a sequence, of equal ones the least name;
  /// nothing if none of them is taken.
  std::optional<std::size_t> taker(std::int64_t sequence, std::int64_t begin,
                                   std::size_t width) const;

 private:
  std::vector<data::Base> bases_;
  std::vector<std::uint16_t> takers_;  // of each base, counted from 1; 0: nobody
  std::vector<std::span<const data::Base>> views_;
};

}  // namespace explainn::model
