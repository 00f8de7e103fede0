// Products with a matrix of bits: the sums of all 16 subsets of four rows are made once, then one
// addition does the work of four multiply-adds. Included by loops_source.h alone.
#pragma once

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

  template <typename Octets>
  [[gnu::always_inline]] void add_to(std::int64_t outputs, const std::uint8_t* bits,
                                     std::int64_t bits_row, Octets octets, bool first, T* sums,
                                     std::int64_t stride) const {
    for (std::int64_t i = 0; i < outputs; ++i) {
      typename V::Real total[Columns] = {};
      if (!first) {
        for (int v = 0; v < Columns; ++v) total[v] = V::load(sums + i * stride + v * V::kLanes);
      }
      for (std::int64_t octet = 0; octet < octets; ++octet) {
        const unsigned byte = bits[octet * bits_row + i];
        for (int v = 0; v < Columns; ++v) total[v] += sum[2 * octet][byte & 15][v];
        for (int v = 0; v < Columns; ++v) total[v] += sum[2 * octet + 1][byte >> 4][v];
      }
      for (int v = 0; v < Columns; ++v) V::store(sums + i * stride + v * V::kLanes, total[v]);
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
      tables.add_to(p.outputs, bits, p.bits_row,
                    std::integral_constant<std::int64_t, kOctetsAtOnce>{}, first == 0,
                    p.sums + column, p.columns);
    } else {
      tables.add_to(p.outputs, bits, p.bits_row, octets, first == 0, p.sums + column, p.columns);
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
