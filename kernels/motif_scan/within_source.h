// Windows that may reach a threshold: deficits of one byte, rounded down, looked up by shuffles, so
// that no window that does is missed. Included by loops_source.h alone.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/motif_scan/loops.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kBlock = 128;  // windows of a block
static_assert(kBlock <= kCodePadding);

// The windows of a block whose deficit is within the limit, one bit each.
struct BlockBits {
  std::uint64_t strand[2][kBlock / 64];
};

#if defined(__AVX512BW__)

[[gnu::always_inline]] inline BlockBits block_within(const WithinParams& p, std::int64_t begin) {
  __m512i sum[2][2] = {};  // [strand][half]
  for (std::int64_t j = 0; j < p.pairs; ++j) {
    const std::uint8_t* const codes = p.codes + begin + 2 * j;
    __m512i code[2] = {_mm512_loadu_si512(codes), _mm512_loadu_si512(codes + 64)};
    // Read once for both strands: nearly all of these cross a line of the cache.
    asm volatile("" : "+v"(code[0]), "+v"(code[1]));
    for (std::int64_t strand = 0; strand < 2; ++strand) {
      const auto* const entries = reinterpret_cast<const __m128i*>(p.rough + 32 * j + 16 * strand);
      const __m512i table = _mm512_maskz_broadcast_i32x4(0xFFFF, _mm_loadu_si128(entries));
      for (std::int64_t half = 0; half < 2; ++half) {
        sum[strand][half] =
            _mm512_adds_epu8(sum[strand][half], _mm512_shuffle_epi8(table, code[half]));
      }
    }
  }
  const __m512i limit = _mm512_set1_epi8(static_cast<char>(p.limit));
  BlockBits bits;
  for (std::int64_t strand = 0; strand < 2; ++strand) {
    for (std::int64_t half = 0; half < 2; ++half) {
      bits.strand[strand][half] = _mm512_cmple_epu8_mask(sum[strand][half], limit);
    }
  }
  return bits;
}

#elif defined(__AVX2__)

[[gnu::always_inline]] inline BlockBits block_within(const WithinParams& p, std::int64_t begin) {
  __m256i sum[2][4] = {};  // [strand][quarter]
  for (std::int64_t j = 0; j < p.pairs; ++j) {
    const auto* const codes = reinterpret_cast<const __m256i*>(p.codes + begin + 2 * j);
    const auto* const entries = reinterpret_cast<const __m128i*>(p.rough + 32 * j);
    const __m256i table[2] = {_mm256_broadcastsi128_si256(_mm_loadu_si128(entries)),
                              _mm256_broadcastsi128_si256(_mm_loadu_si128(entries + 1))};
    for (std::int64_t quarter = 0; quarter < 4; ++quarter) {
      const __m256i code = _mm256_loadu_si256(codes + quarter);
      for (std::int64_t strand = 0; strand < 2; ++strand) {
        sum[strand][quarter] =
            _mm256_adds_epu8(sum[strand][quarter], _mm256_shuffle_epi8(table[strand], code));
      }
    }
  }
  const __m256i limit = _mm256_set1_epi8(static_cast<char>(p.limit));
  BlockBits bits{};
  for (std::int64_t strand = 0; strand < 2; ++strand) {
    for (std::int64_t quarter = 0; quarter < 4; ++quarter) {
      const __m256i value = sum[strand][quarter];
      const __m256i within = _mm256_cmpeq_epi8(_mm256_min_epu8(value, limit), value);
      const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(within));
      bits.strand[strand][quarter / 2] |= std::uint64_t{mask} << (32 * (quarter % 2));
    }
  }
  return bits;
}

#else

[[gnu::always_inline]] inline BlockBits block_within(const WithinParams& p, std::int64_t begin) {
  BlockBits bits{};
  for (std::int64_t i = 0; i < kBlock; ++i) {
    const std::uint8_t* const codes = p.codes + begin + i;
    for (std::int64_t strand = 0; strand < 2; ++strand) {
      // Most windows are beyond the limit after a few columns.
      unsigned sum = 0;
      for (std::int64_t j = 0; j < p.pairs && sum <= p.limit; ++j) {
        sum += p.rough[32 * j + 16 * strand + codes[2 * j]];
      }
      bits.strand[strand][i / 64] |= std::uint64_t{sum <= p.limit} << (i % 64);
    }
  }
  return bits;
}

#endif

void within(const WithinParams& p) {
  std::int64_t count[2] = {};
  for (std::int64_t begin = 0; begin < p.windows; begin += kBlock) {
    const BlockBits block = block_within(p, begin);
    static_assert(kBlock == 128);
    if ((block.strand[0][0] | block.strand[0][1] | block.strand[1][0] | block.strand[1][1]) == 0) {
      continue;
    }
    for (std::int64_t strand = 0; strand < 2; ++strand) {
      for (std::int64_t word = 0; word < kBlock / 64; ++word) {
        const std::int64_t first = begin + 64 * word;
        for (std::uint64_t bits = block.strand[strand][word]; bits != 0; bits &= bits - 1) {
          const std::int64_t window = first + __builtin_ctzll(bits);
          if (window >= p.windows) break;
          p.found[strand][count[strand]++] = static_cast<std::int32_t>(window);
        }
      }
    }
  }
  p.found_count[0] = count[0];
  p.found_count[1] = count[1];
}

}  // namespace
}  // namespace explainn::kernels
