// The convolution of all units and its way back.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/elementwise/functors.h"
#include "kernels/unit_pass/device_fold.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::launch;

namespace {

constexpr int kFoldThreads = 128;
constexpr int kThreads = 256;

__device__ bool idle(const Step& step) {
  return step.memory.status->stopped != 0 || step.memory.status->counted == 0;
}

__device__ PackedRow<true> packed_row(const Step& step, int row) {
  const StepBatch& batch = step.memory.batch;
  return PackedRow<true>::of(batch.bases, step.samples.unknown == nullptr ? nullptr : batch.unknown,
                             step.sizes.length, row);
}

__global__ void __launch_bounds__(kFoldThreads) fold_kernel(const Step step) {
  if (idle(step)) return;
  DynamicShared shared;
  double* const mean = shared.take<double>(step.sizes.letters());
  double* const of_warps = shared.take<double>(32);
  const std::int64_t unit = blockIdx.x;
  const UnitLayer& layer = step.layout.convolution;
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  float* const statistics = step.memory.statistics + unit * step.layout.statistics;
  const int entries = step.sizes.letters();
  fold_filter({.filter = step.sizes.filter,
               .windows = static_cast<double>(step.sizes.rows) * step.sizes.positions,
               .pairs = step.memory.batch.pairs,
               .w = parameters + layer.w,
               .gamma = parameters[layer.gamma],
               .beta = parameters[layer.beta],
               .bias = statistics[layer.bias],
               .running_mean = statistics + layer.mean,
               .running_variance = statistics + layer.variance,
               .covariance_filter = step.memory.covariance_filters + unit * entries,
               .norm = step.memory.norms + unit,
               .letters = step.memory.letters + unit * entries,
               .shift = step.memory.shifts + unit},
              mean, of_warps);
}

template <int kFilter, int kPool>
__global__ void __launch_bounds__(kThreads) convolve_kernel(const Step step) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  DynamicShared shared;
  float* const tables = shared.take<float>(score_table_size(sizes.filter));
  const std::int64_t unit = blockIdx.y;
  const auto scorer = WindowScorer<kFilter>::of_thread(sizes.filter, kLanes, tables,
                                                       step.memory.letters + unit * sizes.letters(),
                                                       1, step.memory.shifts[unit]);
  fill_tables(scorer, tables);
  __syncthreads();
  float* const x = step.memory.x + unit * sizes.rows * sizes.pooled_row;
  std::uint16_t* const offsets = step.memory.offsets + unit * sizes.rows * sizes.pooled_row;
  for (int tile = static_cast<int>(blockIdx.x); tile < sizes.tiles();
       tile += static_cast<int>(gridDim.x)) {
    const int rows = min(kTileRows, sizes.rows - tile * kTileRows);
    for (int i = static_cast<int>(threadIdx.x); i < rows * sizes.pooled;
         i += static_cast<int>(blockDim.x)) {
      const int row = tile * kTileRows + i / sizes.pooled;
      const int q = i % sizes.pooled;
      const Pooled best = pool_scores(scorer, packed_row(step, row), q * sizes.stride,
                                      kPool > 0 ? kPool : sizes.pool);
      const std::int64_t at = static_cast<std::int64_t>(row) * sizes.pooled_row + q;
      x[at] = exponential(best.score);
      offsets[at] = static_cast<std::uint16_t>(best.offset);
    }
    if (tile > 0) continue;
    // Any constant near the mean serves: the layer's batch norm takes it away again.
    __syncthreads();
    for (int q = static_cast<int>(threadIdx.x); q < sizes.pooled;
         q += static_cast<int>(blockDim.x)) {
      float sum = 0;
      for (int row = 0; row < rows; ++row) sum += x[row * sizes.pooled_row + q];
      step.memory.centres[unit * sizes.pooled + q] = sum / static_cast<float>(rows);
    }
  }
}

// Windows times the gradients of their scores, a part of the rows of a unit a block.
__global__ void __launch_bounds__(kThreads) window_sums_kernel(const Step step) {
  if (idle(step) || step.memory.status->learn == 0) return;
  const StepSizes& sizes = step.sizes;
  DynamicShared shared;
  double* const of_warps = shared.take<double>(32);
  std::int32_t* const tables = shared.take<std::int32_t>(sum_table_size(sizes.filter));
  const std::int64_t unit = blockIdx.y;
  const float* const d_scores = step.memory.d_scores + unit * sizes.rows * sizes.pooled_row;
  const std::uint16_t* const offsets = step.memory.offsets + unit * sizes.rows * sizes.pooled_row;
  const int first =
      static_cast<int>(static_cast<std::int64_t>(sizes.rows) * blockIdx.x / gridDim.x);
  const int last =
      static_cast<int>(static_cast<std::int64_t>(sizes.rows) * (blockIdx.x + 1) / gridDim.x);
  for (int i = static_cast<int>(threadIdx.x); i < sum_table_size(sizes.filter);
       i += static_cast<int>(blockDim.x)) {
    tables[i] = 0;
  }
  double sum = 0;
  double size = 0;
  const int values = (last - first) * sizes.pooled;
  for (int i = static_cast<int>(threadIdx.x); i < values; i += static_cast<int>(blockDim.x)) {
    const float value =
        d_scores[static_cast<std::int64_t>(first + i / sizes.pooled) * sizes.pooled_row +
                 i % sizes.pooled];
    sum += static_cast<double>(value);
    size += fabs(static_cast<double>(value));
  }
  sum = explainn::cuda::block_sum(sum, of_warps);
  const float scale = fixed_point_scale(explainn::cuda::block_sum(size, of_warps));
  for (int i = static_cast<int>(threadIdx.x); i < values; i += static_cast<int>(blockDim.x)) {
    const int row = first + i / sizes.pooled;
    const int q = i % sizes.pooled;
    const std::int64_t at = static_cast<std::int64_t>(row) * sizes.pooled_row + q;
    add_window(sizes.filter, tables, packed_row(step, row), q * sizes.stride + offsets[at],
               __float2int_rn(d_scores[at] * scale));
  }
  __syncthreads();
  double* const to =
      step.memory.window_sums + (unit * gridDim.x + blockIdx.x) * (sizes.letters() + 1);
  for (int i = static_cast<int>(threadIdx.x); i < sizes.letters();
       i += static_cast<int>(blockDim.x)) {
    to[i] = scale > 0 ? window_sum(sizes.filter, tables, i) / static_cast<double>(scale) : 0;
  }
  if (threadIdx.x == 0) to[sizes.letters()] = sum;
}

}  // namespace

void convolve(const Step& step) {
  const StepSizes& sizes = step.sizes;
  const auto units = static_cast<unsigned>(sizes.units);
  const std::size_t doubles = static_cast<std::size_t>(sizes.letters()) + 32;
  launch(fold_kernel,
         {.grid = units, .block = kFoldThreads, .shared_bytes = (doubles + 2) * sizeof(double)},
         step);
  const bool paper = sizes.filter == kPaperFilter && sizes.pool == kPaperPool;
  launch(paper ? convolve_kernel<kPaperFilter, kPaperPool> : convolve_kernel<0, 0>,
         {.grid = {static_cast<unsigned>(sizes.parts), units},
          .block = kThreads,
          .shared_bytes = static_cast<std::size_t>(score_table_size(sizes.filter)) * sizeof(float)},
         step);
}

void filter_gradients(const Step& step) {
  const StepSizes& sizes = step.sizes;
  const std::size_t tables = static_cast<std::size_t>(sum_table_size(sizes.filter));
  launch(window_sums_kernel,
         {.grid = {static_cast<unsigned>(sizes.parts), static_cast<unsigned>(sizes.units)},
          .block = kThreads,
          .shared_bytes = 32 * sizeof(double) + (tables + 4) * sizeof(std::int32_t)},
         step);
}

}  // namespace explainn::kernels
