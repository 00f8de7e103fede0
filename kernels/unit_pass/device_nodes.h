// Device code of hidden layers: dropout's decisions, batch norms of nodes, tiles of products.
#pragma once

#include "kernels/batch_norm/batch_norm.h"
#include "kernels/cuda/block.h"
#include "kernels/dropout/decisions.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

/// What dropout keeps behind hidden layer `layer`. Nodes 2 i and 2 i + 1 share a hash.
struct Keeper {
  DropoutKeys keys;
  std::uint32_t threshold;
  float raise;  ///< 1 / keep
  std::int64_t units, unit;

  __device__ static Keeper of(const Step& step, int layer, std::int64_t unit) {
    return at_step(step, layer, unit, step.memory.status->step);
  }
  __device__ static Keeper at_step(const Step& step, int layer, std::int64_t unit,
                                   std::uint32_t number) {
    const DropoutParams p{.probability = step.dropout,
                          .seed = step.seed,
                          .step = number,
                          .stream = step.first_stream + static_cast<std::uint32_t>(layer)};
    return {dropout_keys(p, 0), static_cast<std::uint32_t>(lround(step.dropout * 65536)),
            static_cast<float>(1 / (1 - step.dropout)), step.sizes.units, unit};
  }
  /// The 32 bits that decide nodes 2 i and 2 i + 1 of a row.
  __device__ std::uint32_t numbers(int row, int i) const {
    const std::int64_t first = (static_cast<std::int64_t>(row) * units + unit) * (kNodes / 2);
    return dropout_hash(keys, static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(i));
  }
  __device__ bool keeps_even(std::uint32_t numbers) const {
    return (numbers & 0xFFFFU) >= threshold;
  }
  __device__ bool keeps_odd(std::uint32_t numbers) const { return (numbers >> 16) >= threshold; }
  __device__ bool keeps(int row, int node) const {
    const std::uint32_t both = numbers(row, node / 2);
    return node % 2 == 0 ? keeps_even(both) : keeps_odd(both);
  }
};

/// A node's batch norm before it is narrowed.
struct NodeMoments {
  double mean, variance;  ///< of y, biased
  __device__ double inverse_s() const { return 1 / sqrt(variance + kNormEps); }
};

__device__ inline NodeMoments node_moments(const Step& step, int layer, std::int64_t unit,
                                           int node) {
  const StepSizes& sizes = step.sizes;
  const double* const sums =
      step.memory.sums +
      (layer * static_cast<std::int64_t>(sizes.units) + unit) * sizes.parts * 2 * kNodes;
  double sum = 0;
  double squares = 0;
  for (int part = 0; part < sizes.parts; ++part) {
    sum += sums[(2 * part) * kNodes + node];
    squares += sums[(2 * part + 1) * kNodes + node];
  }
  const double mean = sum / sizes.rows;
  return {mean, fmax(squares / sizes.rows - mean * mean, 0.0)};
}

__device__ inline NodeNorm node_norm(const Step& step, int layer, std::int64_t unit, int node) {
  const UnitLayer& of = step.layout.layers[layer];
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  const NodeMoments moments = node_moments(step, layer, unit, node);
  const auto mean = static_cast<float>(moments.mean);
  return {
      mean, static_cast<float>(moments.mean - static_cast<double>(mean)),
      static_cast<float>(static_cast<double>(parameters[of.gamma + node]) * moments.inverse_s()),
      parameters[of.beta + node]};
}

__device__ inline float centred(const NodeNorm& norm, float y) {
  return (y - norm.mean) - norm.mean_rest;
}
__device__ inline float normalised(const NodeNorm& norm, float y) {
  return fmaf(centred(norm, y), norm.scale, norm.beta);
}

/// Threads of a block that computes tiles of products, and how a tile [kTileRows, kNodes] is dealt
/// out: 25 x 10 threads, each with 4 rows and 5 pairs of nodes.
inline constexpr int kTileThreads = 256;
inline constexpr int kRowsOfThread = 4;
inline constexpr int kPairsOfThread = 5;
inline constexpr int kThreadsAlong = kNodes / (2 * kPairsOfThread);
inline constexpr int kThreadsOfTile = kThreadsAlong * (kTileRows / kRowsOfThread);

struct TilePlace {
  int row;   ///< the first of the thread's rows
  int pair;  ///< the first node of its first pair; the next pairs are 2 kThreadsAlong apart
  bool there;

  __device__ static TilePlace of_thread() {
    const int thread = static_cast<int>(threadIdx.x);
    return {thread / kThreadsAlong * kRowsOfThread, thread % kThreadsAlong * 2,
            thread < kThreadsOfTile};
  }
  __device__ int node(int i) const { return pair + 2 * kThreadsAlong * i; }
};

/// acc += x' w over `inputs`: x [inputs][kTileRows] and w [inputs][kNodes], whose rows are w_row
/// apart (an even number), in shared memory.
__device__ inline void add_product(const TilePlace& place, int inputs, const float* x,
                                   const float* w, int w_row,
                                   float2 (&acc)[kRowsOfThread][kPairsOfThread]) {
  if (!place.there) return;
  for (int i = 0; i < inputs; ++i) {
    const float4 rows = *reinterpret_cast<const float4*>(x + i * kTileRows + place.row);
    const float of_rows[kRowsOfThread] = {rows.x, rows.y, rows.z, rows.w};
#pragma unroll
    for (int j = 0; j < kPairsOfThread; ++j) {
      const float2 weight = *reinterpret_cast<const float2*>(w + i * w_row + place.node(j));
#pragma unroll
      for (int r = 0; r < kRowsOfThread; ++r) {
        acc[r][j].x = fmaf(of_rows[r], weight.x, acc[r][j].x);
        acc[r][j].y = fmaf(of_rows[r], weight.y, acc[r][j].y);
      }
    }
  }
}

/// Inputs of a layer that products over rows or nodes take together, and how their results [100,
/// kChunk] are dealt out: 50 x 4 threads, each with two of the 100 and eight of the inputs.
inline constexpr int kChunk = 32;
/// Distance of rows of inputs: eight threads that each write four of them meet in no bank.
inline constexpr int kChunkRow = 36;
inline constexpr int kWide = 8;
inline constexpr int kPairs = 50;
static_assert(kNodes == 2 * kPairs && kTileRows == 2 * kPairs);

struct PairPlace {
  int pair;   ///< the first of the two
  int input;  ///< the first of the eight
  bool there;

  __device__ static PairPlace of(int thread) {
    return {thread % kPairs * 2, thread / kPairs * kWide, thread < kPairs * (kChunk / kWide)};
  }
};

/// acc += a' b over 100 terms: a [100][100], b [100], rows b_row apart, in shared memory.
__device__ inline void add_pair_product(const PairPlace& place, const float* a, const float* b,
                                        int b_row, float (&acc)[2][kWide]) {
#pragma unroll 4
  for (int i = 0; i < 2 * kPairs; ++i) {
    const float2 left = *reinterpret_cast<const float2*>(a + i * 2 * kPairs + place.pair);
    const float4 low = *reinterpret_cast<const float4*>(b + i * b_row + place.input);
    const float4 high = *reinterpret_cast<const float4*>(b + i * b_row + place.input + 4);
    const float right[kWide] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
    for (int j = 0; j < kWide; ++j) {
      acc[0][j] = fmaf(left.x, right[j], acc[0][j]);
      acc[1][j] = fmaf(left.y, right[j], acc[1][j]);
    }
  }
}

/// to [100][kChunkRow].
__device__ inline void store_pair_product(const PairPlace& place, const float (&acc)[2][kWide],
                                          float* total) {
  for (int k = 0; k < 2; ++k) {
    float4* const to =
        reinterpret_cast<float4*>(total + (place.pair + k) * kChunkRow + place.input);
    to[0] = make_float4(acc[k][0], acc[k][1], acc[k][2], acc[k][3]);
    to[1] = make_float4(acc[k][4], acc[k][5], acc[k][6], acc[k][7]);
  }
}

/// By one block: total [100][kChunkRow] = a' b, b [100][kChunkRow]. A barrier must follow.
__device__ inline void pair_product(const PairPlace& place, const float* a, const float* b,
                                    float* total) {
  if (!place.there) return;
  float acc[2][kWide] = {};
  add_pair_product(place, a, b, kChunkRow, acc);
  store_pair_product(place, acc, total);
}

}  // namespace explainn::kernels
