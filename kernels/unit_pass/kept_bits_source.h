// Dropout's decisions as bits. Included by loops_source.h alone.
#pragma once

#include <cstring>

#include "kernels/unit_pass/unit_rows.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

inline constexpr std::uint64_t kPageElements = std::uint64_t{1} << 33;

[[gnu::always_inline]] inline unsigned kept_bit(const KeptBitsParams& p, std::uint64_t element) {
  const std::uint64_t page = element / kPageElements - p.first / kPageElements;
  const std::uint32_t number = dropout_hash(p.keys[page], static_cast<std::uint32_t>(element / 2));
  return (element % 2 == 0 ? number & 0xFFFF : number >> 16) >= p.threshold ? 1 : 0;
}

template <int Bytes>
struct DropoutVectors {
  typedef std::uint32_t Pairs __attribute__((vector_size(Bytes), may_alias));     // NOLINT
  typedef std::uint16_t Elements __attribute__((vector_size(Bytes), may_alias));  // NOLINT
};

// One bit a 16-bit number, the first the lowest: set where it is at least `least`.
template <int Bytes, typename Numbers>
[[gnu::always_inline]] inline std::uint32_t bits_from(Numbers numbers, std::uint16_t least) {
#if defined(__AVX512BW__)
  if constexpr (Bytes == 64) {
    return _mm512_cmpge_epu16_mask(reinterpret_cast<__m512i>(numbers),
                                   _mm512_set1_epi16(static_cast<std::int16_t>(least)));
  }
#endif
  const auto mask = numbers >= least;
#if defined(__AVX2__)
  if constexpr (Bytes == 32) {
    // The halves of a vector are packed by themselves.
    const __m256i packed = _mm256_packs_epi16(reinterpret_cast<__m256i>(mask), __m256i{});
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08))));
  }
#endif
#if defined(__x86_64__)
  if constexpr (Bytes == 16) {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_packs_epi16(reinterpret_cast<__m128i>(mask), __m128i{})));
  }
#endif
  std::uint32_t bits = 0;
  for (int i = 0; i < Bytes / 2; ++i) bits |= (mask[i] != 0 ? 1U : 0U) << i;
  return bits;
}

// dropout_hash of 16 pairs, both halves compared at once: bit i is element i of the 32 from 2 pair
// on.
template <int Bytes>
[[gnu::always_inline]] inline std::uint32_t kept_bits_of(DropoutKeys keys, std::uint32_t threshold,
                                                         std::uint32_t pair) {
  using PairNumbers = typename DropoutVectors<Bytes>::Pairs;
  using ElementNumbers = typename DropoutVectors<Bytes>::Elements;
  constexpr int kPairs = Bytes / 4;
  PairNumbers first;
  for (int i = 0; i < kPairs; ++i) first[i] = static_cast<std::uint32_t>(i);
  std::uint32_t bits = 0;
  for (int part = 0; part < 16 / kPairs; ++part) {
    PairNumbers x = (first + (pair + static_cast<std::uint32_t>(part * kPairs))) ^ keys.before;
    x = (x ^ (x >> 16)) * kDropoutFirst;
    x = (x ^ (x >> 15) ^ keys.between) * kDropoutSecond;
    x ^= x >> 16;
    // Little-endian: the low half of a word comes first.
    bits |=
        bits_from<Bytes>(reinterpret_cast<ElementNumbers>(x), static_cast<std::uint16_t>(threshold))
        << (2 * kPairs * part);
  }
  return bits;
}

template <int Bytes>
void kept_bits(const KeptBitsParams& p) {
  for (std::int64_t row = 0; row < p.rows; ++row) {
    std::uint8_t* const to = p.kept + row * (p.columns / 8);
    const std::uint64_t first = p.first + static_cast<std::uint64_t>(row) * p.row_step;
    const std::uint64_t last = first + static_cast<std::uint64_t>(p.nodes - 1);
    const bool in_pairs = first % 2 == 0 && first / kPageElements == last / kPageElements;
    const DropoutKeys keys = p.keys[first / kPageElements - p.first / kPageElements];
    for (std::int64_t node = 0; node < p.columns; node += 32) {
      const std::int64_t left = p.nodes - node;
      std::uint32_t bits = 0;
      if (left > 0 && in_pairs) {
        bits = kept_bits_of<Bytes>(
            keys, p.threshold,
            static_cast<std::uint32_t>((first + static_cast<std::uint64_t>(node)) / 2));
      }
      for (std::int64_t i = 0; !in_pairs && i < left && i < 32; ++i) {
        bits |= kept_bit(p, first + static_cast<std::uint64_t>(node + i)) << i;
      }
      if (left < 32) bits &= left > 0 ? (1U << left) - 1 : 0;
      // columns is a multiple of 16. Little-endian.
      std::memcpy(to + node / 8, &bits, p.columns - node < 32 ? 2 : 4);
    }
  }
}

}  // namespace
}  // namespace explainn::kernels
