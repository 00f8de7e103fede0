// Sums and maxima of random variables. Included by loops_source.h alone.
#pragma once

#include <cstdint>

#include "kernels/motif_comparison/loops.h"

namespace explainn::kernels {
namespace {

template <int Bytes>
struct Doubles {
  // `using` would lose the attributes, which depend on a template parameter (g++ 12).
  typedef double Vector __attribute__((vector_size(Bytes)));  // NOLINT
  typedef double InMemory                                     // NOLINT
      __attribute__((vector_size(Bytes), aligned(sizeof(double)), may_alias));
  static constexpr int kLanes = Bytes / sizeof(double);
  [[gnu::always_inline]] static Vector load(const double* p) {
    return *reinterpret_cast<const InMemory*>(p);
  }
  [[gnu::always_inline]] static void store(double* p, Vector v) {
    *reinterpret_cast<InMemory*>(p) = v;
  }
};

template <int Bytes>
void convolve(const double* a, std::int64_t a_count, const double* b, std::int64_t b_count,
              double* out) {
  using D = Doubles<Bytes>;
  constexpr std::int64_t kBlock = 16;
  constexpr int kVectors = kBlock / D::kLanes;
  const std::int64_t count = a_count + b_count - 1;
  for (std::int64_t k = 0; k < count; k += kBlock) {
    // Elsewhere a[k + i - j] is in the margin for the whole block.
    const std::int64_t begin = k - a_count + 1 > 0 ? k - a_count + 1 : 0;
    const std::int64_t end = k + kBlock < b_count ? k + kBlock : b_count;
    typename D::Vector sum[kVectors] = {};
    for (std::int64_t j = begin; j < end; ++j) {
      const double factor = b[j];
      const double* const from = a + (k - j);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sum[v] += D::load(from + v * D::kLanes) * factor;
    }
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) D::store(out + k + v * D::kLanes, sum[v]);
  }
}

void maximum(const MaximumParams& p) {
  if (p.count <= 0) return;
  const bool twice = p.copies == 2;
  double* __restrict const mine = p.p;
  double* __restrict const below = p.cumulative;
  const double* __restrict const others = p.other_p;
  const double* __restrict const others_below = p.other_cumulative;
  const double first = others_below[0];
  const double first_all = twice ? first * first : first;
  const double first_p = twice ? others[0] * first : others[0];
  if (twice) {
    for (std::int64_t x = 1; x < p.count; ++x) {
      const double f = others_below[x];
      mine[x] = mine[x] * (f * f) + below[x - 1] * (others[x] * (f + others_below[x - 1]));
    }
  } else {
    for (std::int64_t x = 1; x < p.count; ++x) {
      mine[x] = mine[x] * others_below[x] + below[x - 1] * others[x];
    }
  }
  mine[0] = mine[0] * first_all + p.before * first_p;
  if (twice) {
    for (std::int64_t x = 0; x < p.count; ++x) below[x] *= others_below[x] * others_below[x];
  } else {
    for (std::int64_t x = 0; x < p.count; ++x) below[x] *= others_below[x];
  }
}

}  // namespace
}  // namespace explainn::kernels
