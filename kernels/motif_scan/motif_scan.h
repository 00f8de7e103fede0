// A motif on a text, one or both strands: which windows reach a threshold, and how well each run of
// bases does as a whole. Scores are whole numbers, so nothing here is rounded but the sums.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/instruction_set.h"
#include "kernels/motif_scan/loops.h"
#include "kernels/motif_scan/scan_text.h"

namespace explainn::kernels {

/// What each letter A C G T scores at each column of a motif.
using ScoreColumns = std::vector<std::array<std::int32_t, 4>>;

/// Where a motif is looked for: in a text as it is, or turned too.
enum class ScanStrands { forward, both };

/// The other strand of a motif: columns from last to first, letters exchanged for their partners.
ScoreColumns reverse_strand(const ScoreColumns& columns);

/// A window whose score reaches the threshold.
struct WindowHit {
  std::int64_t part;   ///< of the text
  std::int64_t begin;  ///< first base of the window in the part
  std::int32_t score;
  bool reverse;
};

/// How well a part of a text does, over all its windows and the strands that are scanned.
struct PartScore {
  std::int32_t best = 0;      ///< the best score
  double sum = 0;             ///< of 2^((score - the motif's best) / kScoresPerBit)
  std::int64_t windows = 0;   ///< of one strand; without any, the others mean nothing
  bool out_of_reach = false;  ///< so far below the motif's best score that `best` is not known
};

/// What MotifScan writes on its way; one for each thread.
struct ScanScratch {
  std::vector<std::int32_t> found[2];
  std::vector<WindowRun> runs;
  std::vector<std::uint16_t> least;
  std::vector<double> sums;
};

class MotifScan {
 public:
  /// A window is a hit if its score is `threshold` or more. Throws std::invalid_argument without
  /// columns, for more than a thousand, and for scores beyond a million.
  MotifScan(const ScoreColumns& columns, std::int32_t threshold,
            ScanStrands strands = ScanStrands::both, InstructionSet set = chosen_instruction_set());

  std::int64_t width() const { return static_cast<std::int64_t>(columns_[0].size()); }
  /// The best score that a window can have.
  std::int32_t best() const { return best_; }

  /// Appends the hits of all windows of `text`, those of the forward strand first, ascending.
  void find(const ScanText& text, ScanScratch& scratch, std::vector<WindowHit>& hits) const;
  /// Scores each part of `text`; sums, which take longer, only if they are wanted.
  void score(const ScanText& text, ScanScratch& scratch, bool sums,
             std::span<PartScore> parts) const;

 private:
  void make_tables();
  std::int32_t exact(const ScanText& text, std::int64_t begin, int strand) const;

  const ScanLoops& loops_;
  ScanStrands strands_;
  // Of both strands; the forward one twice if it is the only one: the loops go over two.
  std::array<ScoreColumns, 2> columns_;
  std::int32_t threshold_;
  std::int32_t best_ = 0;
  std::int64_t pairs_;
  std::uint8_t limit_ = 0;
  std::vector<std::uint8_t> rough_;  // as WithinParams and RunScoreParams have them
  std::vector<std::uint16_t> words_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace explainn::kernels
