// How explainn scan writes a hit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/scan_batch.h"
#include "data/motif_file.h"
#include "model/motif/scanner.h"
#include "model/motif/score_distribution.h"

namespace explainn::cli {

/// A line of FIMO's table (places from 1, the end included, within the sequence; the matched
/// letters as the motif reads them), or one of BED with six columns (from 0, the end not included;
/// in the genome where the sequence's place is known, else within the sequence; the score is -100
/// log10 p, 1000 at most). Keeps references to its arguments.
class HitRows {
 public:
  HitRows(const std::vector<data::Motif>& motifs,
          const std::vector<model::ScoreDistribution>& distributions, bool bed)
      : motifs_(motifs), distributions_(distributions), bed_(bed) {}

  /// The header with its line's end; empty for BED.
  std::string_view header() const;
  /// Appends the line up to where its q-value belongs (BED has none: all but the line's end).
  void append_front(const ScanBatch& batch, const model::MotifHit& hit, std::string& text) const;
  /// Appends the rest.
  void append_back(const ScanBatch& batch, const model::MotifHit& hit, std::string& text) const;

 private:
  void append_fields(const ScanBatch& batch, const model::MotifHit& hit, std::string& text) const;
  void append_bed(const ScanBatch& batch, const model::MotifHit& hit, std::string& text) const;
  std::int64_t width(const model::MotifHit& hit) const;
  double p_value(const model::MotifHit& hit) const;

  const std::vector<data::Motif>& motifs_;
  const std::vector<model::ScoreDistribution>& distributions_;
  bool bed_;
};

}  // namespace explainn::cli
