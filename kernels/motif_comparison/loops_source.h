// The bodies of ComparisonLoops. Included by loops_<set>.cpp alone. Everything has internal
// linkage: were it shared, the linker could give one set's code to another. Plain loops are
// vectorised by the compiler; only the convolution is written with vectors, to keep its sums in
// registers.
#pragma once

#include <cstdint>

#include "kernels/motif_comparison/loops.h"

namespace explainn::kernels {
namespace {

void distances(const DistanceParams& p) {
  const float* __restrict const a = p.letters;
  const float* __restrict const c = a + p.count;
  const float* __restrict const g = c + p.count;
  const float* __restrict const t = g + p.count;
  float* __restrict const out = p.distances;
  const float qa = p.query[0];
  const float qc = p.query[1];
  const float qg = p.query[2];
  const float qt = p.query[3];
  for (std::int64_t i = 0; i < p.count; ++i) {
    const float da = a[i] - qa;
    const float dc = c[i] - qc;
    const float dg = g[i] - qg;
    const float dt = t[i] - qt;
    out[i] = __builtin_sqrtf(da * da + dc * dc + dg * dg + dt * dt);
  }
}

void extremes(const float* values, std::int64_t count, float* least, float* most) {
  constexpr std::int64_t kWays = 64;
  float low[kWays];
  float high[kWays];
  for (std::int64_t k = 0; k < kWays; ++k) low[k] = high[k] = values[k < count ? k : 0];
  std::int64_t i = 0;
  for (; i + kWays <= count; i += kWays) {
    for (std::int64_t k = 0; k < kWays; ++k) {
      const float value = values[i + k];
      low[k] = value < low[k] ? value : low[k];
      high[k] = value > high[k] ? value : high[k];
    }
  }
  for (; i < count; ++i) {
    low[0] = values[i] < low[0] ? values[i] : low[0];
    high[0] = values[i] > high[0] ? values[i] : high[0];
  }
  for (std::int64_t k = 1; k < kWays; ++k) {
    low[0] = low[k] < low[0] ? low[k] : low[0];
    high[0] = high[k] > high[0] ? high[k] : high[0];
  }
  *least = low[0];
  *most = high[0];
}

CountsBelow count_below(const BoundsParams& p) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 30;  // counts of 32 bits are faster
  const float low = p.low;
  const float high = p.high;
  CountsBelow all{0, 0};
  for (std::int64_t begin = 0; begin < p.count; begin += kPiece) {
    const std::int64_t count = begin + kPiece < p.count ? kPiece : p.count - begin;
    const float* __restrict const values = p.values + begin;
    std::int32_t below_low = 0;
    std::int32_t below_high = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      below_low += static_cast<std::int32_t>(values[i] < low);
      below_high += static_cast<std::int32_t>(values[i] < high);
    }
    all.low += below_low;
    all.high += below_high;
  }
  return all;
}

void mark_between(const BoundsParams& p, std::uint8_t* marks) {
  const float low = p.low;
  const float high = p.high;
  for (std::int64_t begin = 0; begin < p.count; begin += kScoreBlock) {
    const std::int64_t count = begin + kScoreBlock < p.count ? kScoreBlock : p.count - begin;
    const float* __restrict const values = p.values + begin;
    std::int32_t some = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      some |= static_cast<std::int32_t>(values[i] >= low) &
              static_cast<std::int32_t>(values[i] <= high);
    }
    *marks++ = static_cast<std::uint8_t>(some);
  }
}

// Returns whether one of the scores is doubtful.
[[gnu::always_inline]] inline std::uint8_t quantise_block(const QuantiseParams& p,
                                                          std::int64_t begin, std::int64_t count) {
  const float* __restrict const distances = p.distances + begin;
  std::uint8_t* __restrict const scores = p.scores + begin;
  const float factor = p.factor;
  const float shift = p.shift;
  const float least = p.tolerance;
  const float most = 1 - p.tolerance;
  std::int32_t doubtful = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float value = distances[i] * factor + shift;
    const auto whole = static_cast<std::int32_t>(value);
    const float rest = value - static_cast<float>(whole);
    scores[i] = static_cast<std::uint8_t>(whole);
    doubtful |= static_cast<std::int32_t>(rest < least) | static_cast<std::int32_t>(rest > most);
  }
  return static_cast<std::uint8_t>(doubtful);
}

void quantise(const QuantiseParams& p) {
  const std::int64_t blocks = p.count / kScoreBlock;
  for (std::int64_t b = 0; b < blocks; ++b) {
    p.doubtful[b] = quantise_block(p, b * kScoreBlock, kScoreBlock);
  }
  if (const std::int64_t rest = p.count % kScoreBlock; rest > 0) {
    p.doubtful[blocks] = quantise_block(p, blocks * kScoreBlock, rest);
  }
}

template <typename Sum>
void diagonals(const DiagonalParams<Sum>& p) {
  constexpr std::int64_t kTile = 2048;  // of sums, which stay in the first-level cache
  for (std::int64_t begin = 0; begin < p.positions; begin += kTile) {
    const std::int64_t count = begin + kTile < p.positions ? kTile : p.positions - begin;
    Sum* __restrict const sums = p.sums + begin;
    for (std::int64_t s = 0; s < count; ++s) sums[s] = 0;
    std::int64_t row = 0;
    for (; row + 2 <= p.rows; row += 2) {
      const std::uint8_t* __restrict const first = p.data + row * p.stride + begin + row;
      const std::uint8_t* __restrict const second = first + p.stride + 1;
      for (std::int64_t s = 0; s < count; ++s) {
        // Two scores fit a byte.
        sums[s] = static_cast<Sum>(sums[s] + static_cast<std::uint8_t>(first[s] + second[s]));
      }
    }
    if (row < p.rows) {
      const std::uint8_t* __restrict const last = p.data + row * p.stride + begin + row;
      for (std::int64_t s = 0; s < count; ++s) sums[s] = static_cast<Sum>(sums[s] + last[s]);
    }
  }
}

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
  // The last value first, since each needs what stands before it.
  const auto at = [&](std::int64_t x, double before, double other_before) {
    const double f = others_below[x];
    const double f_all = twice ? f * f : f;
    const double p_all = twice ? others[x] * (f + other_before) : others[x];
    mine[x] = mine[x] * f_all + before * p_all;
  };
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
  at(0, p.before, p.other_before);
  if (twice) {
    for (std::int64_t x = 0; x < p.count; ++x) below[x] *= others_below[x] * others_below[x];
  } else {
    for (std::int64_t x = 0; x < p.count; ++x) below[x] *= others_below[x];
  }
}

[[gnu::always_inline]] inline std::uint32_t twisted(std::uint32_t upper, std::uint32_t lower,
                                                    std::uint32_t far) {
  const std::uint32_t y = (upper & 0x80000000U) | (lower & 0x7fffffffU);
  return far ^ (y >> 1) ^ (-(y & 1U) & 0x9908b0dfU);
}

// Matsumoto & Nishimura 1998, ACM TOMACS 8:3.
void twist(const std::uint32_t* __restrict state, std::uint32_t* __restrict next) {
  constexpr std::int64_t kFar = 397;
  constexpr std::int64_t kRest = kTwisterWords - kFar;
  for (std::int64_t i = 0; i < kRest; ++i) {
    next[i] = twisted(state[i], state[i + 1], state[i + kFar]);
  }
  // Pieces no longer than the distance to what they read of the new state.
  for (std::int64_t begin = kRest; begin < kTwisterWords - 1; begin += kRest) {
    const std::int64_t end = begin + kRest < kTwisterWords - 1 ? begin + kRest : kTwisterWords - 1;
    const std::uint32_t* const far = next - kRest;
#pragma GCC ivdep
    for (std::int64_t i = begin; i < end; ++i) {
      next[i] = twisted(state[i], state[i + 1], far[i]);
    }
  }
  next[kTwisterWords - 1] = twisted(state[kTwisterWords - 1], next[0], next[kFar - 1]);
}

[[gnu::always_inline]] inline std::uint32_t tempered(std::uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

void temper(const std::uint32_t* state, std::int64_t count, std::uint32_t* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = tempered(state[i]);
}

bool draw(const DrawParams& p) {
  const std::uint32_t* __restrict const state = p.state;
  std::uint32_t* __restrict const drawn = p.drawn;
  const std::uint64_t tests = p.tests;
  // What the second word and rounding can add to or take from the lower half of the product.
  const std::uint32_t reach = p.tests + 2;
  std::uint32_t doubtful = 0;
  for (std::int64_t i = 0; i < p.draws; ++i) {
    const std::uint64_t product = tempered(state[2 * i]) * tests;
    drawn[i] = static_cast<std::uint32_t>(product >> 32);
    const std::uint32_t rest = static_cast<std::uint32_t>(product) + reach;
    doubtful |= static_cast<std::uint32_t>(rest <= 2 * reach);
  }
  return doubtful != 0;
}

template <int Bytes>
constexpr ComparisonLoops comparison_loops_with_vectors_of() {
  return {.distances = distances,
          .extremes = extremes,
          .count_below = count_below,
          .mark_between = mark_between,
          .quantise = quantise,
          .diagonals_16 = diagonals<std::uint16_t>,
          .diagonals_32 = diagonals<std::uint32_t>,
          .convolve = convolve<Bytes>,
          .maximum = maximum,
          .twist = twist,
          .draw = draw,
          .temper = temper};
}

}  // namespace
}  // namespace explainn::kernels
