// Counts of ones and sums over all rows of a unit. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

[[gnu::always_inline]] inline std::int64_t ones_in(std::uint64_t bits) {
#if defined(__POPCNT__) || !defined(__x86_64__)
  return __builtin_popcountll(bits);
#else
  // Sums of pairs of bits, then of fours, then of bytes: a call of the library takes longer.
  bits -= (bits >> 1) & 0x5555555555555555U;
  bits = (bits & 0x3333333333333333U) + ((bits >> 2) & 0x3333333333333333U);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0FU;
  return static_cast<std::int64_t>((bits * 0x0101010101010101U) >> 56);
#endif
}

inline void add_pair_counts(std::int64_t words, const std::uint64_t* one,
                            const std::uint64_t* other, std::int64_t sign, std::int64_t* counts) {
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = 0; b < 4; ++b) {
      std::int64_t count = 0;
      for (std::int64_t w = 0; w < words; ++w) {
        count += ones_in(one[a * words + w] & other[b * words + w]);
      }
      counts[a * 4 + b] += sign * count;
    }
  }
}

template <typename T>
double total(std::int64_t size, const T* values) {
  double sum[kRowPadding] = {};
  for (std::int64_t i = 0; i < size; i += kRowPadding) {
    for (std::int64_t j = 0; j < kRowPadding; ++j) sum[j] += static_cast<double>(values[i + j]);
  }
  double all = 0;
  for (const double each : sum) all += each;
  return all;
}

}  // namespace
}  // namespace explainn::kernels
