// Distances and scores of columns. Included by loops_source.h alone.
#pragma once

#include <cstdint>

#include "kernels/motif_comparison/loops.h"

namespace explainn::kernels {
namespace {

// distances[i] = combine(target column i, query column), letter by letter.
template <typename Combine>
[[gnu::always_inline]] inline void each_column(const DistanceParams& p, const Combine& combine) {
  const float* __restrict const a = p.targets;
  const float* __restrict const c = a + p.count;
  const float* __restrict const g = c + p.count;
  const float* __restrict const t = g + p.count;
  float* __restrict const out = p.distances;
  const float qa = p.query[0];
  const float qc = p.query[1];
  const float qg = p.query[2];
  const float qt = p.query[3];
  for (std::int64_t i = 0; i < p.count; ++i) {
    out[i] = combine(a[i], qa, c[i], qc, g[i], qg, t[i], qt);
  }
}

void distances(const DistanceParams& p) {
  each_column(p, [](float a, float qa, float c, float qc, float g, float qg, float t, float qt) {
    const float da = a - qa;
    const float dc = c - qc;
    const float dg = g - qg;
    const float dt = t - qt;
    return __builtin_sqrtf(da * da + dc * dc + dg * dg + dt * dt);
  });
}

void correlations(const DistanceParams& p) {
  each_column(p, [](float a, float qa, float c, float qc, float g, float qg, float t, float qt) {
    return 1 - (a * qa + c * qc + g * qg + t * qt);
  });
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

std::int64_t mark_between(const BoundsParams& p, std::uint8_t* marks) {
  const float low = p.low;
  const float high = p.high;
  std::int64_t all_below = 0;
  for (std::int64_t begin = 0; begin < p.count; begin += kScoreBlock) {
    const std::int64_t count = begin + kScoreBlock < p.count ? kScoreBlock : p.count - begin;
    const float* __restrict const values = p.values + begin;
    std::int32_t below = 0;
    std::int32_t up_to_high = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      below += static_cast<std::int32_t>(values[i] < low);
      up_to_high += static_cast<std::int32_t>(values[i] <= high);
    }
    all_below += below;
    *marks++ = static_cast<std::uint8_t>(up_to_high > below);
  }
  return all_below;
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

}  // namespace
}  // namespace explainn::kernels
