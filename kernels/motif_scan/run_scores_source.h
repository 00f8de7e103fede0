// Best window and sum over all windows of each run. Deficits are whole numbers, and what is done in
// floats is done in the same order in every instruction set: the bits are the same. Included by
// loops_source.h alone.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/motif_scan/loops.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kScored = 64;               // windows that are scored in one go
constexpr std::int64_t kScoredBoth = 2 * kScored;  // on two strands
static_assert(kScored <= kCodePadding);

// Writes the deficits of kScored windows from `begin` on, then those of the other strand.
#if defined(__AVX512BW__)

[[gnu::always_inline]] inline void deficits(const RunScoreParams& p, std::int64_t begin,
                                            std::uint16_t* out) {
  __m512i sum[2][2] = {};  // [strand][half]
  for (std::int64_t j = 0; j < p.pairs; ++j) {
    const std::uint16_t* const codes = p.wide_codes + begin + 2 * j;
    const __m512i code[2] = {_mm512_loadu_si512(codes), _mm512_loadu_si512(codes + 32)};
    for (int strand = 0; strand < 2; ++strand) {
      const auto* const entries = reinterpret_cast<const __m256i*>(p.words + 32 * j + 16 * strand);
      const __m512i table = _mm512_maskz_broadcast_i64x4(0xFF, _mm256_loadu_si256(entries));
      for (int half = 0; half < 2; ++half) {
        sum[strand][half] = _mm512_adds_epu16(
            sum[strand][half], _mm512_maskz_permutexvar_epi16(~__mmask32{0}, code[half], table));
      }
    }
  }
  for (int strand = 0; strand < 2; ++strand) {
    for (int half = 0; half < 2; ++half) {
      _mm512_storeu_si512(out + kScored * strand + 32 * half, sum[strand][half]);
    }
  }
}

#elif defined(__AVX2__)

[[gnu::always_inline]] inline void deficits(const RunScoreParams& p, std::int64_t begin,
                                            std::uint16_t* out) {
  for (int half = 0; half < 2; ++half) {
    // Of 32 windows the eights 0 and 2, and the eights 1 and 3, as unpacking gives them.
    __m256i even[2] = {};
    __m256i odd[2] = {};
    for (std::int64_t j = 0; j < p.pairs; ++j) {
      const __m256i code =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p.codes + begin + 32 * half + 2 * j));
      const auto* const entries = reinterpret_cast<const __m128i*>(p.bytes + 64 * j);
      for (int strand = 0; strand < 2; ++strand) {
        const __m128i* const own = entries + 2 * strand;
        const __m256i low =
            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(own)), code);
        const __m256i high =
            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(own + 1)), code);
        even[strand] = _mm256_adds_epu16(even[strand], _mm256_unpacklo_epi8(low, high));
        odd[strand] = _mm256_adds_epu16(odd[strand], _mm256_unpackhi_epi8(low, high));
      }
    }
    for (int strand = 0; strand < 2; ++strand) {
      auto* const to = reinterpret_cast<__m256i*>(out + kScored * strand + 32 * half);
      _mm256_storeu_si256(to, _mm256_permute2x128_si256(even[strand], odd[strand], 0x20));
      _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even[strand], odd[strand], 0x31));
    }
  }
}

#else

[[gnu::always_inline]] inline void deficits(const RunScoreParams& p, std::int64_t begin,
                                            std::uint16_t* out) {
  for (std::int64_t i = 0; i < kScored; ++i) {
    const std::uint8_t* const codes = p.codes + begin + i;
    std::uint32_t sum[2] = {};
    for (std::int64_t j = 0; j < p.pairs; ++j) {
      const std::uint16_t* const entries = p.words + 32 * j + codes[2 * j];
      sum[0] += entries[0];
      sum[1] += entries[16];
    }
    for (int strand = 0; strand < 2; ++strand) {
      out[kScored * strand + i] =
          static_cast<std::uint16_t>(sum[strand] < kSaturated ? sum[strand] : kSaturated);
    }
  }
}

#endif

constexpr int kLanes = 16;
typedef std::uint16_t Deficits __attribute__((vector_size(2 * kLanes)));  // NOLINT
typedef std::int32_t Integers __attribute__((vector_size(4 * kLanes)));   // NOLINT
typedef float Reals __attribute__((vector_size(4 * kLanes)));             // NOLINT

// The terms of exp(-x ln 2), around x = 1/2: over 0..1 seven of them leave 1.2e-7.
constexpr int kTerms = 7;
struct PowerTerms {
  float of[kTerms];
  constexpr PowerTerms() : of{} {
    double term = 0.70710678118654752440;  // 2^-1/2
    for (int k = 0; k < kTerms; ++k) {
      of[k] = static_cast<float>(term);
      term *= -0.69314718055994530942 / (k + 1);  // ln 2
    }
  }
};
constexpr PowerTerms kPower;

// The range of float, 2^-126 to 2^127, is used in full: the best window counts 2^kHigher, and a
// thousand of them can be added.
constexpr int kHigher = 100;
constexpr int kMantissaBits = 23;
static_assert(kNegligible <= (kHigher + 125) * kScoresPerBit);

// 2^(kHigher - deficit / kScoresPerBit), 0 for negligible ones.
[[gnu::always_inline]] inline Reals powers(Deficits deficits) {
  constexpr float kOne = 1.0F / kScoresPerBit;
  const Integers whole = __builtin_convertvector(deficits, Integers);
  const Reals number = __builtin_convertvector(whole, Reals);
  const Integers exponent = __builtin_convertvector(number * kOne, Integers);
  // Whole numbers that floats hold exactly: nothing is lost where the exponent is large.
  const Reals rest = number - __builtin_convertvector(exponent, Reals) * kScoresPerBit;
  const Reals x = rest * kOne - 0.5F;
  Reals power = x * kPower.of[kTerms - 1] + kPower.of[kTerms - 2];
  for (int k = kTerms - 3; k >= 0; --k) power = power * x + kPower.of[k];
  const Integers scaled =
      reinterpret_cast<Integers>(power) + ((kHigher - exponent) << kMantissaBits);
  return reinterpret_cast<Reals>(scaled & (whole < kNegligible));
}

struct RunScore {
  std::uint16_t least;
  double sum;
};

// A thousand windows or so: floats add them up well.
[[gnu::always_inline]] inline void add_windows(const RunScoreParams& p, std::int64_t begin,
                                               std::int64_t end, RunScore& score) {
  Deficits least = Deficits{} + kSaturated;
  Reals sum{};
  alignas(64) std::uint16_t block[kScoredBoth];
  for (; begin < end; begin += kScored) {
    deficits(p, begin, block);
    for (std::int64_t i = end - begin; i < kScored; ++i) {
      block[i] = kSaturated;
      block[kScored + i] = kSaturated;
    }
    for (std::int64_t i = 0; i < kScoredBoth; i += kLanes) {
      Deficits some;
      __builtin_memcpy(&some, block + i, sizeof some);
      least = some < least ? some : least;
      sum += powers(some);
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    score.least = least[lane] < score.least ? least[lane] : score.least;
    score.sum += static_cast<double>(sum[lane]);
  }
}

void run_scores(const RunScoreParams& p) {
  constexpr std::int64_t kAtOnce = 16 * kScored;
  constexpr double kLower = 1 / static_cast<double>(__int128{1} << kHigher);
  for (std::int64_t r = 0; r < p.runs; ++r) {
    RunScore score{kSaturated, 0};
    const std::int64_t end = p.run[r].begin + p.run[r].windows;
    for (std::int64_t begin = p.run[r].begin; begin < end; begin += kAtOnce) {
      add_windows(p, begin, begin + kAtOnce < end ? begin + kAtOnce : end, score);
    }
    p.least[r] = score.least;
    p.sum[r] = score.sum * kLower;
  }
}

}  // namespace
}  // namespace explainn::kernels
