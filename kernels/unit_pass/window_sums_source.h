// The backward pass of the table convolution: the gradient of a filter is held in registers while
// the windows that won their pools pass by, four bases in one multiply-add. Included by
// loops_source.h alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/packed_source.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// A row for each tetramer: one at 4 k + its base k, else zero.
template <typename T>
struct OneHotTetramers {
  T row[kTetramers][kTetramerLetters];

  constexpr OneHotTetramers() : row{} {
    for (std::int64_t mer = 0; mer < kTetramers; ++mer) {
      for (std::int64_t k = 0; k < 4; ++k) row[mer][4 * k + ((mer >> (2 * k)) & 3)] = 1;
    }
  }
};
template <typename T>
alignas(64) constexpr OneHotTetramers<T> kOneHotTetramers;

// Tetramers from the first: their bases' sums stay in registers over all rows.
template <typename T, int Bytes, int Mers>
void window_sums_of(const WindowSumParams<T>& p, std::int64_t first) {
  using V = Vectors<T, Bytes>;
  constexpr int kParts = static_cast<int>(kTetramerLetters) / V::kLanes;
  // Too few sums to keep the multiply-adds busy are split between neighbouring values.
  constexpr int kWays = Mers * kParts < 8 ? 2 : 1;
  const T* const one_hot = kOneHotTetramers<T>.row[0];
  typename V::Real sum[kWays][Mers][kParts] = {};
  T by_letters[Mers * kTetramerLetters] = {};
  const std::int64_t offset = 4 * first;
  const std::int64_t left = p.filter - offset;
  const std::int64_t letters = left < 4 * Mers ? left : 4 * Mers;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const EncodedSequence& s = p.sequences[row];
    const T* const values = p.values + row * p.value_row;
    const PoolPlace* const places = p.places + row * p.value_row;
    const auto begin_of = [&](std::int64_t q) __attribute__((always_inline)) {
      return q * p.stride + places[q] + offset;
    };
    const auto add_mers = [&](int way, std::int64_t q, std::int64_t begin)
        __attribute__((always_inline)) {
      const typename V::Real value = V::broadcast(values[q]);
      const std::uint16_t* const mers = s.tetramers + begin;
      for (int m = 0; m < Mers; ++m) {
        const T* const ones = one_hot + mers[4 * m];
        for (int v = 0; v < kParts; ++v) {
          sum[way][m][v] = V::add_product(sum[way][m][v], value, V::load(ones + v * V::kLanes));
        }
      }
    };
    if (s.unknown == nullptr) {
      std::int64_t q = 0;
      for (; q + kWays <= p.pooled; q += kWays) {
        for (int way = 0; way < kWays; ++way) add_mers(way, q + way, begin_of(q + way));
      }
      for (; q < p.pooled; ++q) add_mers(0, q, begin_of(q));
      continue;
    }
    for (std::int64_t q = 0; q < p.pooled; ++q) {
      const std::int64_t begin = begin_of(q);
      if (all_known(s, begin, letters)) {
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
      const std::int64_t at = m * kTetramerLetters + v * V::kLanes;
      typename V::Real total = sum[0][m][v];
      for (int way = 1; way < kWays; ++way) total += sum[way][m][v];
      V::store(p.sums + 4 * offset + at, total + V::load(by_letters + at));
    }
  }
}

template <typename T, int Bytes, int Mers>
void window_sums_from(const WindowSumParams<T>& p, std::int64_t first) {
  for (; first + Mers <= tetramer_count(p.filter); first += Mers) {
    window_sums_of<T, Bytes, Mers>(p, first);
  }
  if constexpr (Mers > 1) {
    if (first < tetramer_count(p.filter)) window_sums_from<T, Bytes, Mers - 1>(p, first);
  }
}

// The sums fill the registers: 32 in AVX-512, else 16.
template <typename T, int Bytes>
void window_sums(const WindowSumParams<T>& p) {
  constexpr int kParts = static_cast<int>(kTetramerLetters * sizeof(T)) / Bytes;
  constexpr int kMost = Bytes == 64 ? 7 * kParts : 12;
  window_sums_from<T, Bytes, (kMost / kParts > 1 ? kMost / kParts : 1)>(p, 0);
}

}  // namespace
}  // namespace explainn::kernels
