// The backward pass of the table convolution: the gradient of a filter is held in registers while
// the windows that won their pools pass by, four bases in one multiply-add. Included by
// loops_source.h alone.
#pragma once

#include <bit>

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/packed_source.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// A row for each mer: one at 4 k + its base k, else zero.
template <typename T>
struct OneHotMers {
  T row[kMerRows][4 * kMer];

  constexpr OneHotMers() : row{} {
    for (std::int64_t mer = 0; mer < kMerRows; ++mer) {
      for (std::int64_t k = 0; k < kMer; ++k) row[mer][4 * k + ((mer >> (2 * k)) & 3)] = 1;
    }
  }
};
template <typename T>
alignas(64) constexpr OneHotMers<T> kOneHotMers;

// Mers from the first: their bases' sums stay in registers over all rows.
template <typename T, int Bytes, int Mers>
void window_sums_of(const WindowSumParams<T>& p, std::int64_t first) {
  using V = Vectors<T, Bytes>;
  constexpr int kParts = static_cast<int>(4 * kMer) / V::kLanes;
  constexpr std::uint64_t kRowBytes = 4 * kMer * sizeof(T);
  constexpr int kRowShift = std::countr_zero(kRowBytes);
  // Too few sums to keep the multiply-adds busy are split between neighbouring values.
  constexpr int kWays = Mers * kParts < 8 ? 2 : 1;
  const char* const one_hot = reinterpret_cast<const char*>(kOneHotMers<T>.row);
  typename V::Real sum[kWays][Mers][kParts] = {};
  T by_letters[Mers * 4 * kMer] = {};
  const std::int64_t offset = first * kMer;
  const std::int64_t left = p.filter - offset;
  const std::int64_t letters = left < Mers * kMer ? left : Mers * kMer;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const EncodedSequence& s = p.sequences[row];
    const T* const values = p.values + row * p.value_row;
    const std::int32_t* const places = p.places + row * p.value_row;
    const auto add_mers = [&](int way, std::int64_t q, std::int64_t begin)
        __attribute__((always_inline)) {
      const typename V::Real value = V::broadcast(values[q]);
      const std::uint64_t word = bases_from(s.packed, begin);
      for (int m = 0; m < Mers; ++m) {
        // A mer's place times the bytes of a row.
        const std::uint64_t bytes = std::rotr(word, 2 * static_cast<int>(kMer) * m - kRowShift) &
                                    ((kMerRows - 1) * kRowBytes);
        const T* const ones = reinterpret_cast<const T*>(one_hot + bytes);
        for (int v = 0; v < kParts; ++v) {
          sum[way][m][v] = V::add_product(sum[way][m][v], value, V::load(ones + v * V::kLanes));
        }
      }
    };
    if (s.unknown == nullptr) {
      std::int64_t q = 0;
      for (; q + kWays <= p.pooled; q += kWays) {
        for (int way = 0; way < kWays; ++way) add_mers(way, q + way, places[q + way] + offset);
      }
      for (; q < p.pooled; ++q) add_mers(0, q, places[q] + offset);
      continue;
    }
    for (std::int64_t q = 0; q < p.pooled; ++q) {
      const std::int64_t begin = places[q] + offset;
      if (s.unknown[begin] == s.unknown[begin + letters]) {
        add_mers(0, q, begin);
        continue;
      }
      for (std::int64_t k = 0; k < letters; ++k) {
        const std::int64_t base = s.bases[begin + k];
        if (base < 4) by_letters[4 * k + base] += values[q];
      }
    }
  }
  for (int m = 0; m < Mers; ++m) {
    for (int v = 0; v < kParts; ++v) {
      const std::int64_t at = m * 4 * kMer + v * V::kLanes;
      typename V::Real total = sum[0][m][v];
      for (int way = 1; way < kWays; ++way) total += sum[way][m][v];
      V::store(p.sums + 4 * offset + at, total + V::load(by_letters + at));
    }
  }
}

template <typename T, int Bytes, int Mers>
void window_sums_from(const WindowSumParams<T>& p, std::int64_t first) {
  for (; first + Mers <= table_count(p.filter); first += Mers) {
    window_sums_of<T, Bytes, Mers>(p, first);
  }
  if constexpr (Mers > 1) {
    if (first < table_count(p.filter)) window_sums_from<T, Bytes, Mers - 1>(p, first);
  }
}

// The sums fill the registers: 32 in AVX-512, else 16.
template <typename T, int Bytes>
void window_sums(const WindowSumParams<T>& p) {
  constexpr int kParts = static_cast<int>(4 * kMer * sizeof(T)) / Bytes;
  constexpr int kMost = Bytes == 64 ? kWordMers * kParts : 12;
  window_sums_from<T, Bytes, (kMost / kParts > 1 ? kMost / kParts : 1)>(p, 0);
}

}  // namespace
}  // namespace explainn::kernels
