// Products with a matrix of bits: the sums of all 16 subsets of four rows are made once, then one
// addition does the work of four multiply-adds. Included by loops_source.h alone.
#pragma once

#include <bit>
#include <cstring>

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

inline constexpr std::int64_t kOctetsAtOnce = 4;  // 32 rows: their tables stay in the L1 cache

template <typename T, int Bytes, int Columns>
struct SubsetTables {
  using V = Vectors<T, Bytes>;
  typename V::Real sum[2 * kOctetsAtOnce][16][Columns];

  // Four rows from `first`, from `column` on; those from `inputs` on count as 0.
  void fill(std::int64_t table, const ChosenSumsParams<T>& p, std::int64_t first,
            std::int64_t column) {
    for (int v = 0; v < Columns; ++v) {
      typename V::Real(&all)[16][Columns] = sum[table];
      all[0][v] = typename V::Real{};
      for (int bit = 0; bit < 4; ++bit) {
        const std::int64_t row = first + bit;
        const typename V::Real one =
            row < p.inputs
                ? p.scales[row] * V::load(p.values + row * p.columns + column + v * V::kLanes)
                : typename V::Real{};
        for (int subset = 0; subset < 1 << bit; ++subset) {
          all[(1 << bit) + subset][v] = all[subset][v] + one;
        }
      }
    }
  }

  // Adds the subsets that the bits of `Outputs` neighbouring outputs choose. Their sums go side by
  // side: each is a chain of additions.
  template <int Outputs, typename Octets>
  [[gnu::always_inline]] void add_to(const std::uint8_t* bits, std::int64_t bits_row, Octets octets,
                                     bool first, T* sums, std::int64_t stride) const {
    typename V::Real total[Outputs][Columns] = {};
    if (!first) {
      for (int i = 0; i < Outputs; ++i) {
        for (int v = 0; v < Columns; ++v) {
          total[i][v] = V::load(sums + i * stride + v * V::kLanes);
        }
      }
    }
    for (std::int64_t octet = 0; octet < octets; ++octet) {
      std::uint32_t word = 0;
      std::memcpy(&word, bits + octet * bits_row, Outputs);  // little-endian
      for (int half = 0; half < 2; ++half) {
        const char* const table = reinterpret_cast<const char*>(sum[2 * octet + half]);
        for (int i = 0; i < Outputs; ++i) {
          const char* const subset = table + subset_bytes(word, 8 * i + 4 * half);
          for (int v = 0; v < Columns; ++v) {
            total[i][v] += V::load(reinterpret_cast<const T*>(subset) + v * V::kLanes);
            V::settle(total[i][v]);
          }
        }
      }
    }
    for (int i = 0; i < Outputs; ++i) {
      for (int v = 0; v < Columns; ++v) V::store(sums + i * stride + v * V::kLanes, total[i][v]);
    }
  }

  // Where the subset stands that the four bits from `bit` on name: their number times the bytes of
  // a row (a power of two), in one rotation.
  [[gnu::always_inline]] static std::uint32_t subset_bytes(std::uint32_t word, int bit) {
    constexpr std::uint32_t kRowBytes = Columns * Bytes;
    const int shift = bit - std::countr_zero(kRowBytes);
    return std::rotr(word, shift) & (15 * kRowBytes);
  }

  template <typename Octets>
  void add_all(const ChosenSumsParams<T>& p, const std::uint8_t* bits, Octets octets, bool first,
               T* sums) const {
    constexpr int kAtOnce = Columns <= 2 ? 4 : Columns <= 4 ? 2 : 1;
    std::int64_t i = 0;
    for (; i + kAtOnce <= p.outputs; i += kAtOnce) {
      add_to<kAtOnce>(bits + i, p.bits_row, octets, first, sums + i * p.columns, p.columns);
    }
    for (; i < p.outputs; ++i) {
      add_to<1>(bits + i, p.bits_row, octets, first, sums + i * p.columns, p.columns);
    }
  }
};

template <typename T, int Bytes, int Columns>
void chosen_sums_of(const ChosenSumsParams<T>& p, std::int64_t column) {
  alignas(64) SubsetTables<T, Bytes, Columns> tables;
  constexpr std::int64_t kAtOnce = 8 * kOctetsAtOnce;
  for (std::int64_t first = 0; first < p.inputs; first += kAtOnce) {
    const std::int64_t left = p.inputs - first;
    const std::int64_t octets = left < kAtOnce ? (left + 7) / 8 : kOctetsAtOnce;
    for (std::int64_t table = 0; table < 2 * octets; ++table) {
      tables.fill(table, p, first + 4 * table, column);
    }
    const std::uint8_t* const bits = p.bits + first / 8 * p.bits_row;
    if (octets == kOctetsAtOnce) {
      tables.add_all(p, bits, std::integral_constant<std::int64_t, kOctetsAtOnce>{}, first == 0,
                     p.sums + column);
    } else {
      tables.add_all(p, bits, octets, first == 0, p.sums + column);
    }
  }
}

template <typename T, int Bytes>
void chosen_sums(const ChosenSumsParams<T>& p) {
  constexpr std::int64_t kLanes = Vectors<T, Bytes>::kLanes;
  constexpr int kMost = 128 / Bytes;
  constexpr std::int64_t kPadding = kRowPadding / kLanes;
  std::int64_t column = 0;
  for (; column + kMost * kLanes <= p.columns; column += kMost * kLanes) {
    chosen_sums_of<T, Bytes, kMost>(p, column);
  }
  if constexpr (kMost > kPadding) {
    if (column < p.columns) chosen_sums_of<T, Bytes, kPadding>(p, column);
  }
}

// Eight rows of eight bits, the first the lowest byte: bit j of byte i goes to bit i of byte j.
inline std::uint64_t transposed_bits(std::uint64_t x) {
  std::uint64_t swap = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAU;
  x ^= swap ^ (swap << 7);
  swap = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCU;
  x ^= swap ^ (swap << 14);
  swap = (x ^ (x >> 28)) & 0x00000000F0F0F0F0U;
  return x ^ swap ^ (swap << 28);
}

inline void transpose_bits(std::int64_t rows, std::int64_t columns, const std::uint8_t* from,
                           std::uint8_t* to) {
  for (std::int64_t column = 0; column < columns; column += 8) {
    for (std::int64_t row = 0; row < rows; row += 8) {
      std::uint64_t block = 0;
      std::memcpy(&block, from + column / 8 * rows + row, 8);
      block = transposed_bits(block);
      std::memcpy(to + row / 8 * columns + column, &block, 8);
    }
  }
}

}  // namespace
}  // namespace explainn::kernels
