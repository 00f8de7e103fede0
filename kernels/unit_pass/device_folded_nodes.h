// Device code of inference: the layers behind the pool for a tile of rows of one unit, products in
// registers.
#pragma once

#include "kernels/elementwise/functors.h"
#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_nodes.h"

namespace explainn::kernels {

/// Inputs of a product in shared memory at a time.
inline constexpr int kInner = 32;

/// Shared memory of a block beside the tables.
struct TileMemory {
  explainn::cuda::SharedPiece<float> x;       ///< [inputs][kTileRows]: pooled values or nodes
  explainn::cuda::SharedPiece<float> w;       ///< [kInner][kNodes]
  explainn::cuda::SharedPiece<float> shares;  ///< [kThreadsAlong][kTileRows]

  __device__ static TileMemory take(explainn::cuda::DynamicShared& shared, int hidden_layers) {
    const auto x = shared.take<float>(kept_inputs(hidden_layers) * kTileRows);
    const auto w = shared.take<float>(kInner * kNodes);
    return {x, w, shared.take<float>(kThreadsAlong * kTileRows)};
  }
  EXPLAINN_HOST_DEVICE static constexpr int kept_inputs(int hidden_layers) {
    return hidden_layers > 1 ? kNodes : kInner;
  }
  static constexpr std::int64_t bytes(int hidden_layers) {
    return std::int64_t{4} *
           (kept_inputs(hidden_layers) * kTileRows + kInner * kNodes + kThreadsAlong * kTileRows);
  }
};

/// A thread's part of a layer's results before ReLU (TilePlace).
using NodeSums = float2[kRowsOfThread][kPairsOfThread];

/// bias [kNodes].
__device__ inline void start_nodes(const TilePlace& place, const float* bias, NodeSums& sums) {
  for (int j = 0; place.there && j < kPairsOfThread; ++j) {
    const float2 start = *reinterpret_cast<const float2*>(bias + place.node(j));
    for (int r = 0; r < kRowsOfThread; ++r) sums[r][j] = start;
  }
}

/// w [count][kNodes] = rows [begin, begin + count) of a layer's weights. A barrier must follow.
__device__ inline void load_weights(const float* weights, int begin, int count, float* w) {
  const auto* const from = reinterpret_cast<const float4*>(weights + begin * kNodes);
  for (int i = static_cast<int>(threadIdx.x); i < count * kNodes / 4; i += kTileThreads) {
    reinterpret_cast<float4*>(w)[i] = from[i];
  }
}

__device__ inline float2 relu(const float2& z) {
  return make_float2(Relu::value(z.x), Relu::value(z.y));
}

/// A hidden layer behind another one: from sums to sums.
__device__ inline void next_nodes(const FoldedNodes& layer, std::int64_t unit,
                                  const TilePlace& place, const TileMemory& memory,
                                  NodeSums& sums) {
  __syncthreads();
  for (int j = 0; place.there && j < kPairsOfThread; ++j) {
    for (int r = 0; r < kRowsOfThread; ++r) {
      const float2 node = relu(sums[r][j]);
      memory.x[place.node(j) * kTileRows + place.row + r] = node.x;
      memory.x[(place.node(j) + 1) * kTileRows + place.row + r] = node.y;
    }
  }
  start_nodes(place, layer.bias + unit * kNodes, sums);
  const float* const weights = layer.w + unit * layer.inputs * kNodes;
  for (int begin = 0; begin < layer.inputs; begin += kInner) {
    const int count = min(kInner, layer.inputs - begin);
    __syncthreads();
    load_weights(weights, begin, count, memory.w);
    __syncthreads();
    add_product(place, count, memory.x + begin * kTileRows, memory.w, kNodes, sums);
  }
}

/// By one block: the sum of a row's nodes weighted by last [kNodes], for thread `row`.
__device__ inline float sum_of_nodes(const TilePlace& place, const float* last,
                                     const TileMemory& memory, const NodeSums& sums) {
  if (place.there) {
    float of_rows[kRowsOfThread] = {};
    for (int j = 0; j < kPairsOfThread; ++j) {
      const float2 weight = *reinterpret_cast<const float2*>(last + place.node(j));
      for (int r = 0; r < kRowsOfThread; ++r) {
        const float2 node = relu(sums[r][j]);
        of_rows[r] = fmaf(node.y, weight.y, fmaf(node.x, weight.x, of_rows[r]));
      }
    }
    *reinterpret_cast<float4*>(memory.shares + place.pair / 2 * kTileRows + place.row) =
        make_float4(of_rows[0], of_rows[1], of_rows[2], of_rows[3]);
  }
  __syncthreads();
  float sum = 0;
  const int row = static_cast<int>(threadIdx.x);
  for (int i = 0; row < kTileRows && i < kThreadsAlong; ++i) {
    sum += memory.shares[i * kTileRows + row];
  }
  return sum;
}

}  // namespace explainn::kernels
