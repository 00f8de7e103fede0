// Counts of ones and sums over all rows of a unit. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/rows_source.h"
#include "kernels/unit_pass/unrolled_source.h"
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

template <int Bytes>
struct BitVectors {
  // Of a dependent type: else g++ 12 loses the attributes.
  using Word = std::conditional_t<(Bytes > 0), std::uint64_t, void>;
  typedef Word Words __attribute__((vector_size(Bytes)));                            // NOLINT
  typedef Word InMemory __attribute__((vector_size(Bytes), aligned(8), may_alias));  // NOLINT
  static constexpr std::int64_t kLanes = Bytes / 8;

  [[gnu::always_inline]] static Words load(const std::uint64_t* p) {
    return *reinterpret_cast<const InMemory*>(p);
  }

  // Adds one and other to ones, bit by bit: returns the carries.
  [[gnu::always_inline]] static Words add(Words& ones, Words one, Words other) {
#if defined(__AVX512F__)
    if constexpr (Bytes == 64) {
      const auto a = reinterpret_cast<__m512i>(ones);
      const auto b = reinterpret_cast<__m512i>(one);
      const auto c = reinterpret_cast<__m512i>(other);
      ones = reinterpret_cast<Words>(_mm512_ternarylogic_epi64(a, b, c, 0x96));
      return reinterpret_cast<Words>(_mm512_ternarylogic_epi64(a, b, c, 0xE8));
    }
#endif
    const Words different = one ^ other;
    const Words carry = (one & other) | (different & ones);
    ones ^= different;
    return carry;
  }

  // The number of ones of each byte.
  [[gnu::always_inline]] static Words ones_of_bytes(Words bits) {
    bits -= (bits >> 1) & 0x5555555555555555U;
    bits = (bits & 0x3333333333333333U) + ((bits >> 2) & 0x3333333333333333U);
    return (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0FU;
  }

  [[gnu::always_inline]] static std::int64_t sum_of_bytes(Words v) {
    v = (v & 0x00FF00FF00FF00FFU) + ((v >> 8) & 0x00FF00FF00FF00FFU);
    v += v >> 16;
    v += v >> 32;
    std::uint64_t sum = 0;
    for (int i = 0; i < kLanes; ++i) sum += v[i] & 0xFFFF;
    return static_cast<std::int64_t>(sum);
  }

  [[gnu::always_inline]] static std::int64_t ones_of_all(Words v) {
    std::int64_t sum = 0;
    for (int i = 0; i < kLanes; ++i) sum += ones_in(v[i]);
    return sum;
  }
};

// The number of ones that both have. Four vectors at a time are added bit by bit, so that only
// every fourth needs counting.
template <int Bytes>
[[gnu::always_inline]] inline std::int64_t shared_ones(std::int64_t words, const std::uint64_t* one,
                                                       const std::uint64_t* other) {
  using V = BitVectors<Bytes>;
  constexpr std::int64_t kWords = 4 * V::kLanes;
  constexpr int kMostAdded = 31;  // that a byte holds: at most 8 each
  std::int64_t count = 0;
  std::int64_t w = 0;
  if (words >= kWords) {
    typename V::Words ones{};
    typename V::Words twos{};
    while (w + kWords <= words) {
      typename V::Words fours{};
      for (int added = 0; added < kMostAdded && w + kWords <= words; ++added, w += kWords) {
        const auto both = [&](int i) __attribute__((always_inline)) {
          return V::load(one + w + i * V::kLanes) & V::load(other + w + i * V::kLanes);
        };
        const typename V::Words first = V::add(ones, both(0), both(1));
        const typename V::Words second = V::add(ones, both(2), both(3));
        fours += V::ones_of_bytes(V::add(twos, first, second));
      }
      count += 4 * V::sum_of_bytes(fours);
    }
    count += V::ones_of_all(ones) + 2 * V::ones_of_all(twos);
  }
  for (; w < words; ++w) count += ones_in(one[w] & other[w]);
  return count;
}

template <int Bytes>
void add_pair_counts(std::int64_t words, const std::uint64_t* one, const std::uint64_t* other,
                     std::int64_t plane, std::int64_t sign, std::int64_t* counts) {
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = 0; b < 4; ++b) {
      counts[a * 4 + b] += sign * shared_ones<Bytes>(words, one + a * plane, other + b * plane);
    }
  }
}

template <typename T, int Bytes>
double total(std::int64_t size, const T* values) {
  using D = AsDoubles<Bytes>;
  constexpr int kWays = 4;
  typename D::Real sum[kWays] = {};
  in_turn<kWays>(
      size / D::kLanes, [&](auto i, std::int64_t n) __attribute__((always_inline)) {
        sum[i] += D::load(values + n * D::kLanes);
      });
  return D::V::sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

}  // namespace
}  // namespace explainn::kernels
