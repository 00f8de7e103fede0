// The inner loops of motif comparison, compiled once for every instruction set (loops_<set>.cpp)
// from one source (loops_source.h). Raw pointers only: nothing here allocates or throws. Sums run
// in the same order in every set and nothing is fused: the bits are the same in all.
#pragma once

#include <cstdint>

#include "kernels/base/instruction_set.h"

namespace explainn::kernels {

/// Integer column scores are 0 .. kMostColumnScore.
inline constexpr int kMostColumnScore = 100;
/// Doubles that must be readable, and zero, before and after the first factor of a convolution.
inline constexpr std::int64_t kConvolutionMargin = 128;
/// Column scores are looked at in blocks of this many.
inline constexpr std::int64_t kScoreBlock = 64;

/// Words of the Mersenne Twister's state, MT19937.
inline constexpr std::int64_t kTwisterWords = 624;

struct DistanceParams {
  std::int64_t count;    ///< N, columns
  const float* targets;  ///< [4, N] coordinates
  const float* query;    ///< [4] of the column to measure from
  float* distances;      ///< [N]
};

/// score = distance * factor + shift, of which the integer part is wanted.
struct QuantiseParams {
  std::int64_t count;      ///< N
  const float* distances;  ///< [N]
  float factor, shift;     ///< scores must lie in 0 .. 255
  float tolerance;         ///< what a score may be off
  std::uint8_t* scores;    ///< [N] integer parts
  std::uint8_t* doubtful;  ///< [ceil(N / kScoreBlock)] not 0: one of the block's scores lies within
                           ///< `tolerance` of an integer
};

/// sums[s] = rows[0][s] + rows[1][s + 1] + .. + rows[n - 1][s + n - 1].
template <typename Sum>
struct DiagonalParams {
  std::int64_t rows;         ///< n
  std::int64_t stride;       ///< bytes from row to row
  const std::uint8_t* data;  ///< [rows, stride], positions + rows of each are read
  std::int64_t positions;
  Sum* sums;  ///< [positions]
};

/// The distribution of the maximum of a variable and of `copies` independent copies of another, on
/// the same `count` values: p_max = p F2 + F(x - 1) p2, F_max = F F2, where F2 and p2 are those of
/// the copies' maximum. One of the two variables has nothing below the first value.
struct MaximumParams {
  std::int64_t count;
  int copies;          ///< 1 or 2
  double before;       ///< what the first variable has there
  double* p;           ///< [count] in: of the first variable, out: of the maximum
  double* cumulative;  ///< [count] F, the same
  const double* other_p;
  const double* other_cumulative;
};

/// Some of `count` values, by two bounds.
struct BoundsParams {
  std::int64_t count;
  const float* values;
  float low, high;
};

/// How many values are less than each bound.
struct CountsBelow {
  std::int64_t low, high;
};

/// Numbers 0 .. tests - 1 drawn with words of MT19937's state, two for each: the integer part of
/// r * tests, r being the words it returns for them as a fraction of 64 bits.
struct DrawParams {
  const std::uint32_t* state;  ///< [2, draws], pairs side by side
  std::int64_t draws;
  std::uint32_t tests;   ///< below 2^16
  std::uint32_t* drawn;  ///< [draws] without regard to the second word and to rounding
};

struct ComparisonLoops {
  void (*distances)(const DistanceParams&);     ///< Euclidean
  void (*correlations)(const DistanceParams&);  ///< 1 - scalar product
  /// The least and the largest of `count` >= 1 values.
  void (*extremes)(const float* values, std::int64_t count, float* least, float* most);
  CountsBelow (*count_below)(const BoundsParams&);
  /// marks[b] is not 0 where one of the values of block b (of kScoreBlock) is in low .. high.
  /// Returns how many are below.
  std::int64_t (*mark_between)(const BoundsParams&, std::uint8_t* marks);
  void (*quantise)(const QuantiseParams&);
  void (*diagonals_16)(const DiagonalParams<std::uint16_t>&);  ///< sums below 2^16
  void (*diagonals_32)(const DiagonalParams<std::uint32_t>&);
  /// out[k] = sum of a[k - j] b[j], k = 0 .. a_count + b_count - 2, j ascending. `a` has
  /// kConvolutionMargin zeros on both sides; b_count <= kMostColumnScore + 1. So much may be
  /// written after `out` as fills a block of 16.
  void (*convolve)(const double* a, std::int64_t a_count, const double* b, std::int64_t b_count,
                   double* out);
  void (*maximum)(const MaximumParams&);
  /// The next kTwisterWords words of MT19937's sequence of states.
  void (*twist)(const std::uint32_t* state, std::uint32_t* next);
  /// Returns whether the second word or rounding might change one.
  bool (*draw)(const DrawParams&);
  /// What MT19937 returns for `count` words of its state.
  void (*temper)(const std::uint32_t* state, std::int64_t count, std::uint32_t* out);
};

const ComparisonLoops& comparison_loops(InstructionSet set);

/// One for each set, where the architecture has it.
const ComparisonLoops& baseline_comparison_loops();
const ComparisonLoops& avx2_comparison_loops();
const ComparisonLoops& avx512_comparison_loops();

}  // namespace explainn::kernels
