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

constexpr std::int64_t kScored = 64;  // windows that are scored in one go
static_assert(kScored <= kCodePadding);

// Writes the deficits of kScored windows from `begin` on, then those of the other strand.
#if defined(__AVX512BW__)

[[gnu::always_inline]] inline void deficits(const RunScoreParams& p, std::int64_t begin,
                                            std::uint16_t* out) {
  __m512i sum[2][2] = {};  // [strand][half]
  for (std::int64_t j = 0; j < p.pairs; ++j) {
    const std::uint16_t* const codes = p.wide_codes + begin + 2 * j;
    const __m512i code[2] = {_mm512_loadu_si512(codes), _mm512_loadu_si512(codes + 32)};
    for (std::int64_t strand = 0; strand < 2; ++strand) {
      const auto* const entries = reinterpret_cast<const __m256i*>(p.words + 32 * j + 16 * strand);
      const __m512i table = _mm512_maskz_broadcast_i64x4(0xFF, _mm256_loadu_si256(entries));
      for (std::int64_t half = 0; half < 2; ++half) {
        sum[strand][half] = _mm512_adds_epu16(
            sum[strand][half], _mm512_maskz_permutexvar_epi16(~__mmask32{0}, code[half], table));
      }
    }
  }
  for (std::int64_t strand = 0; strand < 2; ++strand) {
    for (std::int64_t half = 0; half < 2; ++half) {
      _mm512_storeu_si512(out + kScored * strand + 32 * half, sum[strand][half]);
    }
  }
}

#elif defined(__AVX2__)

[[gnu::always_inline]] inline void deficits(const RunScoreParams& p, std::int64_t begin,
                                            std::uint16_t* out) {
  for (std::int64_t half = 0; half < 2; ++half) {
    // Of 32 windows the eights 0 and 2, and the eights 1 and 3, as unpacking gives them.
    __m256i even[2] = {};
    __m256i odd[2] = {};
    for (std::int64_t j = 0; j < p.pairs; ++j) {
      const __m256i code =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p.codes + begin + 32 * half + 2 * j));
      const auto* const entries = reinterpret_cast<const __m128i*>(p.bytes + 64 * j);
      for (std::int64_t strand = 0; strand < 2; ++strand) {
        const __m128i* const own = entries + 2 * strand;
        const __m256i low =
            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(own)), code);
        const __m256i high =
            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(own + 1)), code);
        even[strand] = _mm256_adds_epu16(even[strand], _mm256_unpacklo_epi8(low, high));
        odd[strand] = _mm256_adds_epu16(odd[strand], _mm256_unpackhi_epi8(low, high));
      }
    }
    for (std::int64_t strand = 0; strand < 2; ++strand) {
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
    for (std::int64_t strand = 0; strand < 2; ++strand) {
      out[kScored * strand + i] =
          static_cast<std::uint16_t>(sum[strand] < kSaturated ? sum[strand] : kSaturated);
    }
  }
}

#endif

constexpr std::int64_t kLanes = 16;
typedef std::uint16_t Deficits __attribute__((vector_size(4 * kLanes)));  // NOLINT: twice as many
typedef std::uint32_t Integers __attribute__((vector_size(4 * kLanes)));  // NOLINT
typedef float Reals __attribute__((vector_size(4 * kLanes)));             // NOLINT

// The range of float, 2^-126 to 2^127, is used in full: the best window counts 2^kHigher, and a
// thousand of them can be added.
constexpr int kHigher = 100;
constexpr int kMantissaBits = 23;
static_assert(kNegligible <= (kHigher + 125) * kScoresPerBit);

// The terms of 2^kHigher exp(-x ln 2 / kScoresPerBit): over half a bit to both sides seven of them
// leave 1.2e-7.
constexpr int kTerms = 7;
struct PowerTerms {
  float of[kTerms];
  constexpr PowerTerms() : of{} {
    double term = static_cast<double>(__int128{1} << kHigher);
    for (int k = 0; k < kTerms; ++k) {
      of[k] = static_cast<float>(term);
      term *= -0.69314718055994530942 / (kScoresPerBit * (k + 1));  // ln 2
    }
  }
};
constexpr PowerTerms kPower;

// 2^(kHigher - deficit / kScoresPerBit); beyond kNegligible as if it were that, which adds nothing
// to a trusted sum.
[[gnu::always_inline]] inline Reals powers(Integers deficits) {
  // To this, a float below 2^22 is added rounded to a whole number, which its lowest bits then are.
  constexpr float kRounding = 12582912;                                  // 1.5 2^23
  typedef std::int32_t Signed __attribute__((vector_size(4 * kLanes)));  // NOLINT
  const Signed all = reinterpret_cast<Signed>(deficits);
  const Signed most = Signed{} + kNegligible;
  const Reals number = __builtin_convertvector(all < most ? all : most, Reals);
  const Reals rounded = number * (1.0F / kScoresPerBit) + kRounding;
  // Whole numbers that floats hold exactly: nothing is lost where the exponent is large.
  const Reals rest = number - (rounded - kRounding) * kScoresPerBit;
  Reals power = rest * kPower.of[kTerms - 1] + kPower.of[kTerms - 2];
  for (int k = kTerms - 3; k >= 0; --k) power = power * rest + kPower.of[k];
  return reinterpret_cast<Reals>(reinterpret_cast<Integers>(power) -
                                 (reinterpret_cast<Integers>(rounded) << kMantissaBits));
}

constexpr std::int64_t kAtOnce = 1024;  // windows of a strand; floats add so many up well
static_assert(kAtOnce % kScored == 0 && kScored % (2 * kLanes) == 0);

struct RunScore {
  std::uint16_t least;
  double sum;
};

// At most kAtOnce windows.
[[gnu::always_inline]] inline RunScore score_windows(const RunScoreParams& p, std::int64_t begin,
                                                     std::int64_t end) {
  alignas(64) std::uint16_t all[2 * kAtOnce];
  std::int64_t count = 0;
  for (; begin < end; begin += kScored) {
    std::uint16_t* const block = all + count;
    deficits(p, begin, block);
    for (std::int64_t i = end - begin; i < kScored; ++i) {
      block[i] = kSaturated;
      block[kScored + i] = kSaturated;
    }
    count += 2 * kScored;
  }
  Deficits least = Deficits{} + kSaturated;
  Reals sum{};
  for (std::int64_t i = 0; i < count; i += 2 * kLanes) {
    Deficits some;
    __builtin_memcpy(&some, all + i, sizeof some);
    least = some < least ? some : least;
    if (p.sum == nullptr) continue;
    const Integers pairs = reinterpret_cast<Integers>(some);
    sum += powers(pairs & 0xFFFF);
    sum += powers(pairs >> 16);
  }
  RunScore score{kSaturated, 0};
  for (std::int64_t lane = 0; lane < 2 * kLanes; ++lane) {
    score.least = least[lane] < score.least ? least[lane] : score.least;
  }
  for (std::int64_t lane = 0; lane < kLanes; ++lane) score.sum += static_cast<double>(sum[lane]);
  return score;
}

void run_scores(const RunScoreParams& p) {
  constexpr double kLower = 1 / static_cast<double>(__int128{1} << kHigher);
  for (std::int64_t r = 0; r < p.runs; ++r) {
    RunScore score{kSaturated, 0};
    const std::int64_t end = p.run[r].begin + p.run[r].windows;
    for (std::int64_t begin = p.run[r].begin; begin < end; begin += kAtOnce) {
      const RunScore some = score_windows(p, begin, begin + kAtOnce < end ? begin + kAtOnce : end);
      score.least = some.least < score.least ? some.least : score.least;
      score.sum += some.sum;
    }
    p.least[r] = score.least;
    if (p.sum != nullptr) p.sum[r] = score.sum * kLower;
  }
}

}  // namespace
}  // namespace explainn::kernels
