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

// Numbers of 16 pairs, from the first one's.
template <int Bytes>
struct PairOffsets {
  static constexpr int kPairs = Bytes / 4;
  typename DropoutVectors<Bytes>::Pairs part[16 / kPairs];

  // The first `width` of each row, rows being `row_pairs` pairs apart.
  PairOffsets(std::uint32_t width, std::uint32_t row_pairs) {
    for (std::uint32_t i = 0; i < 16; ++i)
      part[i / kPairs][i % kPairs] = i / width * row_pairs + i % width;
  }
};

// dropout_hash of 16 pairs, both halves compared at once: bits 2 i and 2 i + 1 are pair i's
// elements.
template <int Bytes>
[[gnu::always_inline]] inline std::uint32_t kept_bits_of(DropoutKeys keys, std::uint32_t threshold,
                                                         const PairOffsets<Bytes>& offsets,
                                                         std::uint32_t pair) {
  using PairNumbers = typename DropoutVectors<Bytes>::Pairs;
  using ElementNumbers = typename DropoutVectors<Bytes>::Elements;
  constexpr int kPairs = Bytes / 4;
  std::uint32_t bits = 0;
  for (int part = 0; part < 16 / kPairs; ++part) {
    PairNumbers x = (offsets.part[part] + pair) ^ keys.before;
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

// Row by row, element by element where a row does not begin with a pair or changes the page of
// keys.
template <int Bytes>
void kept_bits_by_rows(const KeptBitsParams& p) {
  const PairOffsets<Bytes> offsets(16, 0);
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
            keys, p.threshold, offsets,
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

// Whole pairs under one page of keys. What a row has beyond a multiple of 32 nodes is drawn for
// several rows at once.
template <int Bytes>
void kept_bits_in_pairs(const KeptBitsParams& p) {
  const auto first_pair = static_cast<std::uint32_t>(p.first / 2);
  const auto row_pairs = static_cast<std::uint32_t>(p.row_step / 2);
  const std::int64_t row_bytes = p.columns / 8;
  const std::int64_t whole = p.nodes / 32 * 32;
  const PairOffsets<Bytes> in_row(16, 0);
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const std::uint32_t pair = first_pair + static_cast<std::uint32_t>(row) * row_pairs;
    for (std::int64_t node = 0; node < whole; node += 32) {
      const std::uint32_t bits = kept_bits_of<Bytes>(p.keys[0], p.threshold, in_row,
                                                     pair + static_cast<std::uint32_t>(node / 2));
      std::memcpy(p.kept + row * row_bytes + node / 8, &bits, 4);
    }
  }
  if (whole == p.nodes) return;
  const auto left = static_cast<std::uint32_t>(p.nodes - whole);
  const std::uint32_t width = (left + 1) / 2;
  const std::int64_t bytes = row_bytes - whole / 8;  // 2 or 4
  const std::int64_t at_once = 16 / width;
  const PairOffsets<Bytes> across_rows(width, row_pairs);
  const std::uint32_t mask = (std::uint32_t{1} << left) - 1;
  for (std::int64_t row = 0; row < p.rows; row += at_once) {
    const std::uint32_t pair = first_pair + static_cast<std::uint32_t>(row) * row_pairs +
                               static_cast<std::uint32_t>(whole / 2);
    const std::uint32_t bits = kept_bits_of<Bytes>(p.keys[0], p.threshold, across_rows, pair);
    for (std::int64_t i = 0; i < at_once && row + i < p.rows; ++i) {
      const std::uint32_t of_row = (bits >> (2 * width * i)) & mask;
      std::memcpy(p.kept + (row + i) * row_bytes + whole / 8, &of_row,
                  static_cast<std::size_t>(bytes));
    }
  }
}

template <int Bytes>
void kept_bits(const KeptBitsParams& p) {
  const std::uint64_t last = p.first + static_cast<std::uint64_t>(p.rows - 1) * p.row_step +
                             static_cast<std::uint64_t>(p.nodes - 1);
  const bool pairs = p.first % 2 == 0 && (p.row_step % 2 == 0 || p.rows == 1);
  if (pairs && p.first / kPageElements == last / kPageElements) {
    kept_bits_in_pairs<Bytes>(p);
  } else {
    kept_bits_by_rows<Bytes>(p);
  }
}

}  // namespace
}  // namespace explainn::kernels
