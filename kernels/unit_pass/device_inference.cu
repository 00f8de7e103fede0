// Units in evaluation mode: a block has a unit's tables in shared memory and takes tiles of rows
// from their bases to the unit's outputs.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_nodes.h"
#include "kernels/unit_pass/device_window_scores.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::launch;

namespace {

constexpr int kInner = 32;  // inputs of a product in shared memory at a time
// Pool windows from so many positions on are shared by a warp.
constexpr int kLongPool = 8 * kRun;
constexpr int kPaperFilter = 19;
constexpr unsigned kAllLanes = 0xFFFFFFFFU;

__device__ float larger(float a, float b) {
  return b > a ? b : a;
}

template <int kFilter>
__device__ void score_windows(const FoldedUnits& net, const WindowScorer<kFilter>& scorer,
                              const SampleRange& range, std::int64_t first_row, int rows,
                              int first_q, int count, float* x) {
  if (net.pool < kLongPool) {
    for (int i = static_cast<int>(threadIdx.x); i < rows * count; i += kTileThreads) {
      const int row = i / count;
      const int q = i % count;
      const auto sample = StrandSample::of(range.samples, first_row + row);
      const int begin = (first_q + q) * net.stride;
      float best = 0;
      for (int p = 0; p < net.pool; p += kRun) {
        scorer.run(sample, begin + p, min(kRun, net.pool - p),
                   [&](int at, float score) { best = p + at == 0 ? score : larger(best, score); });
      }
      x[q * kTileRows + row] = exponential(best);
    }
    return;
  }
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = static_cast<int>(threadIdx.x) / 32; i < rows * count; i += kTileThreads / 32) {
    const int row = i / count;
    const int q = i % count;
    const auto sample = StrandSample::of(range.samples, first_row + row);
    const int begin = (first_q + q) * net.stride;
    float best = -INFINITY;
    for (int p = lane * kRun; p < net.pool; p += 32 * kRun) {
      scorer.run(sample, begin + p, min(kRun, net.pool - p),
                 [&](int at, float score) { best = p + at == 0 ? score : larger(best, score); });
    }
    for (int distance = 16; distance > 0; distance /= 2) {
      best = larger(best, __shfl_down_sync(kAllLanes, best, static_cast<unsigned>(distance)));
    }
    if (lane == 0) x[q * kTileRows + row] = exponential(best);
  }
}

// Shared memory of a block beside the tables.
struct TileMemory {
  explainn::cuda::SharedPiece<float> x;       // [inputs][kTileRows]: pooled values or nodes
  explainn::cuda::SharedPiece<float> w;       // [kInner][kNodes]
  explainn::cuda::SharedPiece<float> shares;  // [kThreadsAlong][kTileRows]
};

constexpr int inputs_kept(int hidden_layers) {
  return hidden_layers > 1 ? kNodes : kInner;
}

__device__ TileMemory take_tile(DynamicShared& shared, int hidden_layers) {
  const auto x = shared.take<float>(inputs_kept(hidden_layers) * kTileRows);
  const auto w = shared.take<float>(kInner * kNodes);
  return {x, w, shared.take<float>(kThreadsAlong * kTileRows)};
}

using Accumulators = float2[kRowsOfThread][kPairsOfThread];

__device__ void start_nodes(const TilePlace& place, const float* bias, Accumulators& acc) {
  for (int j = 0; place.there && j < kPairsOfThread; ++j) {
    const float2 start = *reinterpret_cast<const float2*>(bias + place.node(j));
    for (int r = 0; r < kRowsOfThread; ++r) acc[r][j] = start;
  }
}

// Rows [begin, begin + count) of a layer's weights; w is 16-byte aligned, kNodes a multiple of 4.
__device__ void load_weights(const float* weights, int begin, int count, float* w) {
  const auto* const from = reinterpret_cast<const float4*>(weights + begin * kNodes);
  for (int i = static_cast<int>(threadIdx.x); i < count * kNodes / 4; i += kTileThreads) {
    reinterpret_cast<float4*>(w)[i] = from[i];
  }
}

__device__ float2 relu(const float2& z) {
  return make_float2(Relu::value(z.x), Relu::value(z.y));
}

// A hidden layer behind another one: its inputs are the nodes in acc, so are its results.
__device__ void next_nodes(const FoldedNodes& layer, std::int64_t unit, const TilePlace& place,
                           const TileMemory& memory, Accumulators& acc) {
  __syncthreads();
  for (int j = 0; place.there && j < kPairsOfThread; ++j) {
    for (int r = 0; r < kRowsOfThread; ++r) {
      const float2 node = relu(acc[r][j]);
      memory.x[place.node(j) * kTileRows + place.row + r] = node.x;
      memory.x[(place.node(j) + 1) * kTileRows + place.row + r] = node.y;
    }
  }
  start_nodes(place, layer.bias + unit * kNodes, acc);
  const float* const weights = layer.w + unit * layer.inputs * kNodes;
  for (int begin = 0; begin < layer.inputs; begin += kInner) {
    const int count = min(kInner, layer.inputs - begin);
    __syncthreads();
    load_weights(weights, begin, count, memory.w);
    __syncthreads();
    add_product(place, count, memory.x + begin * kTileRows, memory.w, kNodes, acc);
  }
}

// The weighted sum of a row's nodes, for thread `row` of the block.
__device__ float sum_of_nodes(const TilePlace& place, const float* last, const TileMemory& memory,
                              const Accumulators& acc) {
  if (place.there) {
    float sums[kRowsOfThread] = {};
    for (int j = 0; j < kPairsOfThread; ++j) {
      const float2 weight = *reinterpret_cast<const float2*>(last + place.node(j));
      for (int r = 0; r < kRowsOfThread; ++r) {
        const float2 node = relu(acc[r][j]);
        sums[r] = fmaf(node.y, weight.y, fmaf(node.x, weight.x, sums[r]));
      }
    }
    *reinterpret_cast<float4*>(memory.shares + place.pair / 2 * kTileRows + place.row) =
        make_float4(sums[0], sums[1], sums[2], sums[3]);
  }
  __syncthreads();
  float sum = 0;
  const int row = static_cast<int>(threadIdx.x);
  for (int i = 0; row < kTileRows && i < kThreadsAlong; ++i) {
    sum += memory.shares[i * kTileRows + row];
  }
  return sum;
}

template <int kFilter>
__global__ void __launch_bounds__(kTileThreads, 2)
    units_kernel(const FoldedUnits net, const SampleRange range, float* outputs) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_chunks(net.filter) * kChunkRows * net.copies);
  const TileMemory memory = take_tile(shared, net.hidden_layers);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(
      net.filter, net.copies, net.letters + unit * 4 * net.filter, net.shifts[unit], tables);
  const TilePlace place = TilePlace::of_thread();
  const int thread = static_cast<int>(threadIdx.x);
  const float* const last = net.last + unit * (net.hidden_layers > 0 ? kNodes : net.last_inputs);
  const FoldedNodes& first = net.hidden[0];

  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < range.rows;
       tile += static_cast<int>(gridDim.y)) {
    const int rows = min(kTileRows, range.rows - tile * kTileRows);
    float2 acc[kRowsOfThread][kPairsOfThread];
    float output = 0;
    if (net.hidden_layers > 0) start_nodes(place, first.bias + unit * kNodes, acc);
    for (int begin = 0; begin < net.pooled; begin += kInner) {
      const int count = min(kInner, net.pooled - begin);
      __syncthreads();
      score_windows(net, scorer, range, range.first + tile * kTileRows, rows, begin, count,
                    memory.x);
      // The weights of one layer of one piece stay from tile to tile.
      const bool kept = net.hidden_layers == 1 && net.pooled <= kInner;
      if (net.hidden_layers > 0 && (!kept || tile == static_cast<int>(blockIdx.y))) {
        load_weights(first.w + unit * first.inputs * kNodes, begin, count, memory.w);
      }
      __syncthreads();
      if (net.hidden_layers > 0) {
        add_product(place, count, memory.x, memory.w, kNodes, acc);
      } else if (thread < rows && net.last_inputs > 0) {
        for (int i = 0; i < count; ++i) {
          output = fmaf(memory.x[i * kTileRows + thread], last[begin + i], output);
        }
      } else if (thread < rows) {
        output = memory.x[thread];
      }
    }
    for (int i = 1; i < net.hidden_layers; ++i) next_nodes(net.hidden[i], unit, place, memory, acc);
    if (net.hidden_layers > 0) output = sum_of_nodes(place, last, memory, acc);
    if (net.last_inputs > 0) output = Relu::value(output + net.last_bias[unit]);
    if (thread < rows) {
      outputs[(static_cast<std::int64_t>(tile) * kTileRows + thread) * net.units + unit] = output;
    }
  }
}

// A thread for each 32 bases.
__global__ void pack_kernel(std::int64_t rows, std::int64_t length, const std::uint8_t* bases,
                            std::uint32_t* packed, std::uint32_t* unknown) {
  const std::int64_t words = base_words(length);
  const std::int64_t masks = mask_words(length);
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= rows * masks) return;
  const std::int64_t row = i / masks;
  const std::int64_t first = i % masks * 32;
  const int count = static_cast<int>(length - first < 32 ? length - first : 32);
  std::uint64_t codes = 0;
  std::uint32_t mask = 0;
  for (int j = 0; j < count; ++j) {
    const std::uint64_t base = bases[row * length + first + j];
    if (base < 4) {
      codes |= base << (2 * j);
    } else {
      mask |= 1U << j;
    }
  }
  std::uint32_t* const to = packed + row * words + first / 16;
  to[0] = static_cast<std::uint32_t>(codes);
  if (count > 16) to[1] = static_cast<std::uint32_t>(codes >> 32);
  unknown[i] = mask;
}

std::int64_t tile_bytes(int hidden_layers) {
  return (inputs_kept(hidden_layers) * kTileRows + kInner * kNodes + kThreadsAlong * kTileRows) *
         static_cast<std::int64_t>(sizeof(float));
}

}  // namespace

std::int64_t inference_table_bytes(int filter, int copies) {
  return static_cast<std::int64_t>(score_chunks(filter)) * kChunkRows * copies *
         static_cast<std::int64_t>(sizeof(float));
}

std::int64_t inference_bytes(int filter, int hidden_layers) {
  const std::int64_t of_sites = (5 * std::int64_t{filter} + kTileRows + 64) * 4;
  const std::int64_t of_tile = tile_bytes(hidden_layers);
  return of_tile > of_sites ? of_tile : of_sites;
}

void pack_bases(std::int64_t rows, std::int64_t length, const std::uint8_t* bases,
                std::uint32_t* packed, std::uint32_t* unknown) {
  constexpr unsigned kThreads = 128;
  launch(
      pack_kernel,
      {.grid = explainn::cuda::blocks_for(rows * mask_words(length), kThreads), .block = kThreads},
      rows, length, bases, packed, unknown);
}

void infer_units(const FoldedUnits& net, const SampleRange& range, float* outputs) {
  const bool paper = net.filter == kPaperFilter && net.copies == kLanes;
  const std::int64_t bytes =
      inference_table_bytes(net.filter, net.copies) + tile_bytes(net.hidden_layers);
  launch(paper ? units_kernel<kPaperFilter> : units_kernel<0>,
         {.grid = {static_cast<unsigned>(net.units), static_cast<unsigned>(range.parts)},
          .block = kTileThreads,
          .shared_bytes = static_cast<std::size_t>(bytes)},
         net, range, outputs);
}

}  // namespace explainn::kernels
