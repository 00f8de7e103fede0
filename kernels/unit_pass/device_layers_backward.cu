// The hidden layers backward. With dz = dh where the node is open, n = (y - mean) / s:
// dy = gamma / s (dz - mean(dz) - n mean(dz n)), dW = dy' x, dx = dy W.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_layer_input.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::launch;

namespace {

constexpr int kSumThreads = 256;
constexpr int kRowsAtOnce = kSumThreads / 128;

__device__ bool idle(const Step& step) {
  return step.memory.status->learn == 0;
}

// The gradient of what a layer hands on: of the last hidden layer dv w, else as the layer behind it
// left it.
struct HandedOn {
  const float* dv;      // null unless it is the last hidden layer
  const float* weight;  // [kNodes]
  const float* dh;

  __device__ static HandedOn by(const Step& step, int layer, std::int64_t unit) {
    const StepSizes& sizes = step.sizes;
    if (layer + 1 == sizes.hidden_layers()) {
      return {step.memory.dv + unit * sizes.rows,
              step.memory.units.values + unit * step.layout.parameters +
                  step.layout.layers[layer + 1].w,
              nullptr};
    }
    const std::int64_t units = sizes.units;
    return {nullptr, nullptr, step.memory.dh + (layer % 2 * units + unit) * sizes.rows * kNodes};
  }
  __device__ float operator()(int row, int node) const {
    return dv != nullptr ? dv[row] * weight[node]
                         : dh[static_cast<std::int64_t>(row) * kNodes + node];
  }
};

__device__ std::int64_t of_unit(const Step& step, int layer, std::int64_t unit) {
  return layer * static_cast<std::int64_t>(step.sizes.units) + unit;
}

// Sums over rows of dz, of dz n and, behind the last hidden layer, of dv h.
__global__ void __launch_bounds__(kSumThreads) gate_sums_kernel(const Step step, int layer) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  DynamicShared shared;
  double* const of_groups = shared.take<double>(kRowsAtOnce * 3 * kNodes);
  const std::int64_t unit = blockIdx.y;
  const int node = static_cast<int>(threadIdx.x) % 128;
  const int group = static_cast<int>(threadIdx.x) / 128;
  if (node < kNodes) {
    const NodeNorm norm = node_norm(step, layer, unit, node);
    const double inverse_s = node_moments(step, layer, unit, node).inverse_s();
    const Keeper keeper = Keeper::of(step, layer, unit);
    const HandedOn dh = HandedOn::by(step, layer, unit);
    const float* const y = step.memory.y + of_unit(step, layer, unit) * sizes.rows * kNodes;
    double sums[3] = {};
    for (int tile = static_cast<int>(blockIdx.x); tile < sizes.tiles();
         tile += static_cast<int>(gridDim.x)) {
      const int last = min((tile + 1) * kTileRows, sizes.rows);
      for (int row = tile * kTileRows + group; row < last; row += kRowsAtOnce) {
        const float value = y[static_cast<std::int64_t>(row) * kNodes + node];
        const float z = normalised(norm, value);
        if (!(z > 0) || !keeper.keeps(row, node)) continue;
        const float dz = keeper.raise * dh(row, node);
        sums[0] += static_cast<double>(dz);
        sums[1] += static_cast<double>(dz) * static_cast<double>(centred(norm, value));
        if (dh.dv != nullptr) {
          sums[2] += static_cast<double>(dh.dv[row]) * static_cast<double>(keeper.raise * z);
        }
      }
    }
    sums[1] *= inverse_s;
    for (int i = 0; i < 3; ++i) of_groups[(group * 3 + i) * kNodes + node] = sums[i];
  }
  __syncthreads();
  double* const to =
      step.memory.dz_sums + (of_unit(step, layer, unit) * gridDim.x + blockIdx.x) * 3 * kNodes;
  for (int i = static_cast<int>(threadIdx.x); i < 3 * kNodes; i += kSumThreads) {
    to[i] = of_groups[i] + of_groups[3 * kNodes + i];
  }
}
static_assert(kRowsAtOnce == 2, "two groups are added");

// A node's batch norm on the way back.
struct NodeGradient {
  NodeNorm norm;
  float mean_dz, slope;  // slope: mean(dz n) / s
};

__device__ NodeGradient node_gradient(const Step& step, int layer, std::int64_t unit, int node) {
  const double* const sums =
      step.memory.dz_sums + of_unit(step, layer, unit) * step.sizes.parts * 3 * kNodes;
  double dz = 0;
  double dz_normal = 0;
  for (int part = 0; part < step.sizes.parts; ++part) {
    dz += sums[part * 3 * kNodes + node];
    dz_normal += sums[(part * 3 + 1) * kNodes + node];
  }
  const double inverse_s = node_moments(step, layer, unit, node).inverse_s();
  return {node_norm(step, layer, unit, node), static_cast<float>(dz / step.sizes.rows),
          static_cast<float>(dz_normal / step.sizes.rows * inverse_s)};
}

// dy of a tile, as [row][node] or, turned, [node][row].
struct TileGradient {
  const Step& step;
  Keeper keeper;
  HandedOn dh;
  const float* y;
  const NodeGradient* nodes;

  __device__ void fill(int first, int rows, bool turned, float* to) const {
    for (int i = static_cast<int>(threadIdx.x); i < kTileRows * kNodes; i += kTileThreads) {
      const int row = i / kNodes;
      const int node = i % kNodes;
      float dy = 0;
      if (row < rows) {
        const NodeGradient& of = nodes[node];
        const float value = y[static_cast<std::int64_t>(first + row) * kNodes + node];
        const bool open = normalised(of.norm, value) > 0 && keeper.keeps(first + row, node);
        const float dz = open ? keeper.raise * dh(first + row, node) : 0.0F;
        dy = of.norm.scale * ((dz - of.mean_dz) - centred(of.norm, value) * of.slope);
      }
      to[turned ? node * kTileRows + row : i] = dy;
    }
  }
};

// Shared memory of layer_gradients_kernel.
struct GradientTiles {
  explainn::cuda::SharedPiece<NodeGradient> nodes;  // [kNodes]
  explainn::cuda::SharedPiece<NodeNorm> before;     // [kNodes]
  explainn::cuda::SharedPiece<float> dy;            // [kTileRows, kNodes] or turned
  explainn::cuda::SharedPiece<float>
      right;  // [100][kChunkRow], inputs of the rows or turned weights
  explainn::cuda::SharedPiece<float> total;  // [100][kChunkRow]

  static constexpr std::size_t kBytes = kNodes * (sizeof(NodeGradient) + sizeof(NodeNorm)) + 64 +
                                        (kTileRows * kNodes + 2 * 100 * kChunkRow) * sizeof(float);
};

__global__ void __launch_bounds__(kTileThreads, 2)
    layer_gradients_kernel(const Step step, int layer) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  const UnitLayer& of = step.layout.layers[layer];
  const auto inputs = static_cast<int>(of.inputs);
  DynamicShared shared;
  GradientTiles tiles{};
  tiles.nodes = shared.take<NodeGradient>(kNodes);
  tiles.before = shared.take<NodeNorm>(kNodes);
  tiles.dy = shared.take<float>(kTileRows * kNodes);
  tiles.right = shared.take<float>(100 * kChunkRow);
  tiles.total = shared.take<float>(100 * kChunkRow);
  const std::int64_t unit = blockIdx.y;
  const int thread = static_cast<int>(threadIdx.x);
  for (int node = thread; node < kNodes; node += kTileThreads) {
    tiles.nodes[node] = node_gradient(step, layer, unit, node);
  }
  const LayerInput input = layer_input(step, layer, unit, tiles.before);
  const TileGradient gradient{step, Keeper::of(step, layer, unit), HandedOn::by(step, layer, unit),
                              step.memory.y + of_unit(step, layer, unit) * sizes.rows * kNodes,
                              tiles.nodes};
  const float* const w = step.memory.units.values + unit * step.layout.parameters + of.w;
  float* const dw = step.memory.dw + (of_unit(step, layer, unit) * gridDim.x + blockIdx.x) *
                                         step.memory.most_inputs * kNodes;
  float* const dx =
      layer == 0
          ? step.memory.d_scores + unit * sizes.rows * sizes.pooled_row
          : step.memory.dh + ((layer - 1) % 2 * static_cast<std::int64_t>(sizes.units) + unit) *
                                 sizes.rows * kNodes;
  const PairPlace place = PairPlace::of(static_cast<int>(threadIdx.x));
  for (int tile = static_cast<int>(blockIdx.x); tile < sizes.tiles();
       tile += static_cast<int>(gridDim.x)) {
    const int first = tile * kTileRows;
    const int rows = min(kTileRows, sizes.rows - first);
    __syncthreads();  // what the nodes' norms are made of is there; the tile before is done with
    gradient.fill(first, rows, false, tiles.dy);
    for (int begin = 0; begin < inputs; begin += kChunk) {
      for (int i = thread; i < kTileRows * kChunk; i += kTileThreads) {
        const int row = i / kChunk;
        const int q = begin + i % kChunk;
        tiles.right[row * kChunkRow + i % kChunk] =
            row < rows && q < inputs ? input(first + row, q) : 0.0F;
      }
      __syncthreads();
      pair_product(place, tiles.dy, tiles.right, tiles.total);
      __syncthreads();
      for (int i = thread; i < kNodes * min(kChunk, inputs - begin); i += kTileThreads) {
        const int node = i % kNodes;
        const int q = i / kNodes;
        float& to = dw[(begin + q) * kNodes + node];
        const float of_tile = tiles.total[node * kChunkRow + q];
        to = tile == static_cast<int>(blockIdx.x) ? of_tile : to + of_tile;
      }
    }
    __syncthreads();
    gradient.fill(first, rows, true, tiles.dy);
    for (int begin = 0; begin < inputs; begin += kChunk) {
      for (int i = thread; i < kNodes * kChunk; i += kTileThreads) {
        const int node = i % kNodes;
        const int q = begin + i / kNodes;
        tiles.right[node * kChunkRow + i / kNodes] = q < inputs ? w[q * of.stride + node] : 0.0F;
      }
      __syncthreads();
      pair_product(place, tiles.dy, tiles.right, tiles.total);
      __syncthreads();
      const int count = min(kChunk, inputs - begin);
      for (int i = thread; i < rows * count; i += kTileThreads) {
        const int row = i / count;
        const int q = i % count;
        const float value = tiles.total[row * kChunkRow + q];
        if (layer == 0) {
          const std::int64_t at = static_cast<std::int64_t>(first + row) * sizes.pooled_row + begin;
          dx[at + q] = value * input.x[at + q];
        } else {
          dx[static_cast<std::int64_t>(first + row) * kNodes + begin + q] = value;
        }
      }
    }
  }
}

// Units of one layer: v = w x, so dx = dv w. Units of none: the pooled value is the output.
__global__ void __launch_bounds__(kSumThreads) direct_kernel(const Step step) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  const std::int64_t unit = blockIdx.y;
  const float* const x = step.memory.x + unit * sizes.rows * sizes.pooled_row;
  float* const dx = step.memory.d_scores + unit * sizes.rows * sizes.pooled_row;
  const bool one = sizes.layer_count == 1;
  const float* const w =
      step.memory.units.values + unit * step.layout.parameters + step.layout.layers[0].w;
  const float* const dv = (one ? step.memory.dv : step.memory.d_outputs) + unit * sizes.rows;
  const int thread = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const auto threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = thread; i < static_cast<std::int64_t>(sizes.rows) * sizes.pooled;
       i += threads) {
    const std::int64_t row = i / sizes.pooled;
    const std::int64_t q = i % sizes.pooled;
    const std::int64_t at = row * sizes.pooled_row + q;
    dx[at] = dv[row] * (one ? w[q] : 1.0F) * x[at];
  }
  if (!one) return;
  const float* const centre = step.memory.centres + unit * sizes.pooled;
  for (int q = thread / 32; q < sizes.pooled; q += static_cast<int>(threads / 32)) {
    double sum = 0;
    for (int row = thread % 32; row < sizes.rows; row += 32) {
      const float value = x[static_cast<std::int64_t>(row) * sizes.pooled_row + q] - centre[q];
      sum += static_cast<double>(dv[row]) * static_cast<double>(value);
    }
    sum = explainn::cuda::warp_sum(sum);
    if (thread % 32 == 0) {
      step.memory.single_dw[unit * sizes.pooled + q] = static_cast<float>(sum);
    }
  }
}

}  // namespace

void backward_layers(const Step& step) {
  const StepSizes& sizes = step.sizes;
  const dim3 grid{static_cast<unsigned>(sizes.parts), static_cast<unsigned>(sizes.units)};
  if (sizes.layer_count < 2) {
    launch(direct_kernel, {.grid = grid, .block = kSumThreads}, step);
    return;
  }
  for (int layer = sizes.hidden_layers() - 1; layer >= 0; --layer) {
    launch(gate_sums_kernel,
           {.grid = grid,
            .block = kSumThreads,
            .shared_bytes = kRowsAtOnce * 3 * kNodes * sizeof(double)},
           step, layer);
    launch(layer_gradients_kernel,
           {.grid = grid, .block = kTileThreads, .shared_bytes = GradientTiles::kBytes}, step,
           layer);
  }
}

}  // namespace explainn::kernels
