// Motifs on sequences: hits, and how well each sequence does as a whole.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/alphabet.h"
#include "model/motif/score_matrix.h"

namespace explainn::model {

/// A window of a sequence whose score reaches the motif's threshold.
struct MotifHit {
  std::int64_t sequence;
  std::int64_t begin;  ///< of the window's first base in the sequence, on either strand
  std::int32_t motif;
  std::int32_t score;
  data::Strand strand;
};

using engine::ScanStrands;

/// A motif on all windows of a sequence, on the strands that are scanned. Windows with an unknown
/// base are none.
struct SequenceScore {
  std::int64_t windows = 0;  ///< on one strand; without any, the others mean nothing
  std::int32_t best = 0;     ///< the best score
  double sum = 0;            ///< log2 of the sum of 2^score, scores in bits; 0 if it was not wanted
};

/// Bases of one sequence each.
using Sequences = std::span<const std::span<const data::Base>>;

/// Scans with the instruction set in use. All that is computed follows from the sequences alone,
/// not from those beside them nor from the number of threads.
class MotifScanner {
 public:
  /// `thresholds`: the least score of a hit of each motif.
  MotifScanner(std::span<const ScoreColumns> motifs, std::span<const std::int32_t> thresholds,
               ScanStrands strands = ScanStrands::both);

  std::int64_t motifs() const { return static_cast<std::int64_t>(scans_.size()); }

  /// A share of the work that one thread does at a time: parts of sequences.
  struct Part {
    std::int64_t sequence;
    std::int64_t begin;
    std::int64_t own;  ///< windows that begin at so many bases
  };
  using Piece = std::vector<Part>;
  /// The sequences in pieces of some ten thousand bases, in order.
  std::vector<Piece> cut(Sequences sequences) const;

  struct PieceHits {
    std::vector<MotifHit> hits;         ///< by sequence, place, motif, strand (forward first)
    std::vector<std::int64_t> windows;  ///< of each motif, all strands
  };
  /// The hits of one piece. May be called from several threads.
  PieceHits find(Sequences sequences, const Piece& piece) const;

  /// [sequences, motifs]: all of them scored, on all threads; without sums it is faster.
  std::vector<SequenceScore> score(Sequences sequences, bool sums = true) const;

 private:
  void assign(engine::ScanText& text, Sequences sequences, const Piece& piece) const;
  SequenceScore exact(std::span<const data::Base> bases, std::size_t motif) const;
  SequenceScore finished(std::span<const data::Base> bases, std::size_t motif,
                         const engine::PartScore& score, bool sums) const;

  ScanStrands strands_;
  std::vector<ScoreColumns> columns_;
  std::vector<engine::MotifScan> scans_;
  std::int64_t widest_ = 1;
};

}  // namespace explainn::model
