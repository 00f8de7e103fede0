// The hidden layers forward: tiles of 100 rows of one unit, products in registers.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_layer_input.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::launch;

namespace {

constexpr int kInner = 32;  // inputs of a product in shared memory at a time

__device__ bool idle(const Step& step) {
  return step.memory.status->stopped != 0 || step.memory.status->counted == 0;
}

// The sums of a tile's products over its rows, added to those of the tiles before it: thread t has
// node t % kNodes, t / kNodes = 0 the values, 1 their squares.
__device__ void add_sums(const TilePlace& place, int rows,
                         const float2 (&acc)[kRowsOfThread][kPairsOfThread], float* of_threads,
                         double& total) {
  for (int squares = 0; squares < 2; ++squares) {
    __syncthreads();
    if (place.there) {
      for (int j = 0; j < kPairsOfThread; ++j) {
        float x = 0;
        float y = 0;
        for (int r = 0; r < kRowsOfThread; ++r) {
          if (place.row + r >= rows) continue;
          const float a = acc[r][j].x;
          const float b = acc[r][j].y;
          x += squares == 0 ? a : a * a;
          y += squares == 0 ? b : b * b;
        }
        of_threads[place.row / kRowsOfThread * kNodes + place.node(j)] = x;
        of_threads[place.row / kRowsOfThread * kNodes + place.node(j) + 1] = y;
      }
    }
    __syncthreads();
    const int thread = static_cast<int>(threadIdx.x);
    if (thread / kNodes == squares) {
      for (int i = 0; i < kTileRows / kRowsOfThread; ++i) {
        total += static_cast<double>(of_threads[i * kNodes + thread % kNodes]);
      }
    }
  }
}

__global__ void __launch_bounds__(kTileThreads, 2) layer_kernel(const Step step, int layer) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  const UnitLayer& of = step.layout.layers[layer];
  const auto inputs = static_cast<int>(of.inputs);
  DynamicShared shared;
  const explainn::cuda::SharedPiece<NodeNorm> norms = shared.take<NodeNorm>(kNodes);
  float* const x = shared.take<float>(kInner * kTileRows);
  float* const w = shared.take<float>(kInner * kNodes);
  float* const of_threads = shared.take<float>(kTileRows / kRowsOfThread * kNodes);
  const std::int64_t unit = blockIdx.y;
  const float* const weights = step.memory.units.values + unit * step.layout.parameters + of.w;
  const LayerInput input = layer_input(step, layer, unit, norms);
  const std::int64_t of_unit = layer * static_cast<std::int64_t>(sizes.units) + unit;
  float* const y = step.memory.y + of_unit * sizes.rows * kNodes;
  const TilePlace place = TilePlace::of_thread();
  const int thread = static_cast<int>(threadIdx.x);
  double total = 0;
  for (int tile = static_cast<int>(blockIdx.x); tile < sizes.tiles();
       tile += static_cast<int>(gridDim.x)) {
    const int first = tile * kTileRows;
    const int rows = min(kTileRows, sizes.rows - first);
    float2 acc[kRowsOfThread][kPairsOfThread] = {};
    for (int begin = 0; begin < inputs; begin += kInner) {
      const int count = min(kInner, inputs - begin);
      __syncthreads();
      for (int i = thread; i < count * kTileRows; i += kTileThreads) {
        const int row = i / count;
        const int q = i % count;
        x[q * kTileRows + row] = row < rows ? input(first + row, begin + q) : 0.0F;
      }
      for (int i = thread; i < count * kNodes; i += kTileThreads) {
        w[i] = weights[(begin + i / kNodes) * of.stride + i % kNodes];
      }
      __syncthreads();
      add_product(place, count, x, w, kNodes, acc);
    }
    for (int r = 0; place.there && r < kRowsOfThread; ++r) {
      if (place.row + r >= rows) continue;
      float* const row = y + static_cast<std::int64_t>(first + place.row + r) * kNodes;
      for (int j = 0; j < kPairsOfThread; ++j) {
        *reinterpret_cast<float2*>(row + place.node(j)) = acc[r][j];
      }
    }
    add_sums(place, rows, acc, of_threads, total);
  }
  if (thread < 2 * kNodes) {
    step.memory.sums[(of_unit * gridDim.x + blockIdx.x) * 2 * kNodes + thread] = total;
  }
}

// v: the last linear map, a warp a row.
__global__ void __launch_bounds__(kTileThreads) last_layer_kernel(const Step step) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  const int layer = sizes.layer_count - 1;
  const UnitLayer& of = step.layout.layers[layer];
  DynamicShared shared;
  const explainn::cuda::SharedPiece<NodeNorm> norms = shared.take<NodeNorm>(kNodes);
  const std::int64_t unit = blockIdx.y;
  const float* const w = step.memory.units.values + unit * step.layout.parameters + of.w;
  const LayerInput input = layer_input(step, layer, unit, norms);
  __syncthreads();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warps = kTileThreads / 32;
  for (int row = static_cast<int>(blockIdx.x * warps + threadIdx.x / 32); row < sizes.rows;
       row += static_cast<int>(gridDim.x) * warps) {
    float sum = 0;
    for (int i = lane; i < static_cast<int>(of.inputs); i += 32) {
      sum = fmaf(w[i], input(row, i), sum);
    }
    sum = explainn::cuda::warp_sum(sum);
    if (lane == 0) step.memory.v[unit * sizes.rows + row] = sum;
  }
}

}  // namespace

void forward_layers(const Step& step) {
  const StepSizes& sizes = step.sizes;
  if (sizes.layer_count == 0) return;
  const dim3 grid{static_cast<unsigned>(sizes.parts), static_cast<unsigned>(sizes.units)};
  const std::size_t norms = kNodes * sizeof(NodeNorm);
  const std::size_t shared_bytes = norms + (kInner * (kTileRows + kNodes)) * sizeof(float) +
                                   kTileRows / kRowsOfThread * kNodes * sizeof(float);
  for (int layer = 0; layer < sizes.hidden_layers(); ++layer) {
    launch(layer_kernel, {.grid = grid, .block = kTileThreads, .shared_bytes = shared_bytes}, step,
           layer);
  }
  launch(last_layer_kernel, {.grid = grid, .block = kTileThreads, .shared_bytes = norms}, step);
}

}  // namespace explainn::kernels
