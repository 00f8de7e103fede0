// Many sequences of any length, one byte a base, and the one rule that brings them to a length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/alphabet.h"

namespace explainn::data {

/// Where the first of `want` bases that fit_sequence() takes stands in a sequence of `have`: a
/// longer one keeps its centre (crop start (have - want) / 2), a shorter one is centred, so that
/// the place is negative (left padding pad / 2 + (pad & want & 1), the original program's rule).
std::int64_t fitted_start(std::int64_t have, std::int64_t want);

/// Writes `out.size()` bases of `sequence` as seen on `strand`, from fitted_start() on, unknown
/// bases where the sequence has none. Cropped or padded first, then reverse-complemented.
void fit_sequence(std::span<const Base> sequence, Strand strand, std::span<Base> out);

/// Sequences in the order they were added. Memory: one byte a base and eight a sequence.
class SequenceSet {
 public:
  void add(std::span<const Base> bases);
  /// Takes room for this many sequences and bases in all, so that adding them moves nothing.
  void reserve(std::size_t sequences, std::size_t bases);
  std::int64_t size() const { return static_cast<std::int64_t>(ends_.size()); }
  /// Bases of all sequences together.
  std::size_t total_length() const { return bases_.size(); }
  /// True if one more sequence of this many bases fits into the room taken.
  bool has_room(std::size_t bases) const {
    return ends_.size() < ends_.capacity() && bases <= bases_.capacity() - bases_.size();
  }
  std::int64_t length(std::int64_t i) const { return static_cast<std::int64_t>((*this)[i].size()); }
  std::span<const Base> operator[](std::int64_t i) const;
  /// The most frequent length; the longer one on a tie. 0 when empty.
  std::int64_t most_frequent_length() const;

 private:
  std::vector<Base> bases_;
  std::vector<std::uint64_t> ends_;
};

}  // namespace explainn::data
