// The inner loops of the motif scan, compiled once for every instruction set (loops_<set>.cpp) from
// one source (loops_source.h). Raw pointers only: nothing here allocates or throws.
//
// A text is read as codes: for each of its bases b + 4 c, c being the base after it. A window's
// deficit is what its score lacks to the motif's best one: a sum over pairs of neighbouring columns
// of one entry of 16 each, chosen by the code at the pair's first base. Sums saturate.
#pragma once

#include <cstdint>

#include "kernels/base/instruction_set.h"

namespace explainn::kernels {

/// Codes that must be readable behind a text.
inline constexpr std::int64_t kCodePadding = 128;
/// Bases of a text at most.
inline constexpr std::int64_t kMostTextBases = std::int64_t{1} << 30;
/// Scores and deficits per bit: fine enough (19 columns rounded to it are off by a hundredth of a
/// bit), and two bytes hold what the worst windows of most motifs lack.
inline constexpr std::int32_t kScoresPerBit = 200;
/// Deficits of this or more are not told apart.
inline constexpr std::uint16_t kSaturated = 65535;
/// Windows that lack more than this count in a sum as if they lacked this.
inline constexpr std::int32_t kNegligible = 225 * kScoresPerBit;
/// Which changes no digit of a sum of this or more.
inline constexpr double kTrustedSum = 0x1p-180;

/// Both strands of a motif at all windows of a text.
struct WithinParams {
  std::int64_t windows;       ///< n; windows beyond are not looked at
  std::int64_t pairs;         ///< J of columns
  const std::uint8_t* codes;  ///< [n + 2 J - 1 + kCodePadding]
  const std::uint8_t* rough;  ///< [J][2 strands][16], rounded down, in steps of the motif
  std::uint8_t limit;         ///< < 255
  std::int32_t* found[2];     ///< each [n]
  std::int64_t* found_count;  ///< [2 strands]
};

/// Where the windows of a run of bases begin in the text.
struct WindowRun {
  std::int64_t begin;
  std::int64_t windows;  ///< may be 0
};

/// Both strands of a motif at the windows of several runs.
struct RunScoreParams {
  std::int64_t runs;  ///< R
  const WindowRun* run;
  std::int64_t pairs;               ///< J of columns
  const std::uint8_t* codes;        ///< as WithinParams has them
  const std::uint16_t* wide_codes;  ///< the same
  const std::uint16_t* words;       ///< [J][2 strands][16] deficits
  const std::uint8_t* bytes;        ///< [J][2 strands][low, high][16]: their bytes
  std::uint16_t* least;             ///< [R] the least deficit of both strands
  double* sum;                      ///< [R] of 2^(-deficit / kScoresPerBit); null: not wanted
};

struct ScanLoops {
  /// Writes the windows whose deficit is at most `limit`, ascending, and how many there are.
  void (*within)(const WithinParams&);
  /// Least deficits and sums of a run; kSaturated and 0 for one without windows.
  void (*run_scores)(const RunScoreParams&);
};

const ScanLoops& baseline_scan_loops();
#if defined(__x86_64__)
const ScanLoops& avx2_scan_loops();
const ScanLoops& avx512_scan_loops();
#endif
/// Those of a set that this machine has.
const ScanLoops& scan_loops(InstructionSet set);

}  // namespace explainn::kernels
