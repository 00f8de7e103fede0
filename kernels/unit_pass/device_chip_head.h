// Device code of the kernel of many steps: final layer and loss, a row a block.
#pragma once

#include "kernels/unit_pass/device_chip_batch.h"
#include "kernels/unit_pass/device_losses.h"

namespace explainn::kernels {

/// What judge_rows keeps in ChipShared::stage.
struct HeadStage {
  float* weights;  ///< [T, U]
  float* outputs;  ///< [U], of the row
  float* labels;   ///< [label columns]
  float* logits;   ///< [T]
  float* slopes;   ///< [T]

  __device__ static HeadStage in(float* stage, const StepSizes& sizes) {
    float* const outputs = stage + static_cast<std::int64_t>(sizes.tasks) * sizes.units;
    float* const labels = outputs + sizes.units;
    float* const logits = labels + sizes.label_columns;
    return {stage, outputs, labels, logits, logits + sizes.tasks};
  }
};

EXPLAINN_HOST_DEVICE constexpr std::int64_t head_stage(const StepSizes& sizes) {
  return static_cast<std::int64_t>(sizes.tasks) * sizes.units + sizes.units + sizes.label_columns +
         2 * sizes.tasks;
}

/// Threads that share a logit, or the gradient of an output: neighbours in a warp.
inline constexpr int kLogitShares = 4;
inline constexpr int kOutputShares = 2;

/// Logits of the row whose outputs are in the stage.
__device__ inline void row_logits(const ChipStep& at, const HeadStage& stage) {
  const StepSizes& sizes = at.sizes();
  const int share = static_cast<int>(threadIdx.x) % kLogitShares;
  constexpr int kAtOnce = kTileThreads / kLogitShares;
  for (int first = 0; first < sizes.tasks; first += kAtOnce) {
    const int t = first + static_cast<int>(threadIdx.x) / kLogitShares;
    float sum = 0;
    if (t < sizes.tasks) {
      const float* const weights = stage.weights + t * sizes.units;
#pragma unroll 5
      for (int u = share; u < sizes.units; u += kLogitShares) {
        sum = fmaf(stage.outputs[u], weights[u], sum);
      }
    }
    sum += __shfl_xor_sync(explainn::cuda::kFullWarp, sum, 1);
    sum += __shfl_xor_sync(explainn::cuda::kFullWarp, sum, 2);
    if (t < sizes.tasks && share == 0) {
      stage.logits[t] = sum + __ldcg(at.memory().final_bias.values + t);
    }
  }
}

/// Gradients of the outputs of the row whose slopes are in the stage.
__device__ inline void row_gradients(const ChipStep& at, const HeadStage& stage, int row) {
  const StepSizes& sizes = at.sizes();
  const int share = static_cast<int>(threadIdx.x) % kOutputShares;
  constexpr int kAtOnce = kTileThreads / kOutputShares;
  for (int first = 0; first < sizes.units; first += kAtOnce) {
    const int u = first + static_cast<int>(threadIdx.x) / kOutputShares;
    float sum = 0;
    if (u < sizes.units) {
#pragma unroll 5
      for (int t = share; t < sizes.tasks; t += kOutputShares) {
        sum = fmaf(stage.slopes[t], stage.weights[t * sizes.units + u], sum);
      }
    }
    sum += __shfl_xor_sync(explainn::cuda::kFullWarp, sum, 1);
    if (u < sizes.units && share == 0) {
      at.memory().d_outputs[static_cast<std::int64_t>(u) * sizes.rows + row] = sum;
    }
  }
}

/// Logits, loss and gradients of the units' outputs of this block's rows.
__device__ inline void judge_rows(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  if (static_cast<int>(blockIdx.x) >= sizes.rows) return;
  const StepMemory& memory = at.memory();
  const HeadStage stage = HeadStage::in(shared.stage, sizes);
  const int thread = static_cast<int>(threadIdx.x);
  for (int row = static_cast<int>(blockIdx.x); row < sizes.rows;
       row += static_cast<int>(gridDim.x)) {
    for (int u = thread; u < sizes.units; u += kTileThreads) {
      stage.outputs[u] = __ldcg(memory.outputs + static_cast<std::int64_t>(row) * sizes.units + u);
    }
    for (int i = thread; i < sizes.label_columns; i += kTileThreads) {
      stage.labels[i] =
          __ldcg(at.batch().labels + static_cast<std::int64_t>(row) * sizes.label_columns + i);
    }
    if (row == static_cast<int>(blockIdx.x)) {
#pragma unroll 8
      for (int i = thread; i < sizes.tasks * sizes.units; i += kTileThreads) {
        stage.weights[i] = __ldcg(memory.final_weight.values + i);
      }
    }
    __syncthreads();
    row_logits(at, stage);
    __syncthreads();
    if (thread < 32) {
      const double loss =
          row_loss(sizes.loss, sizes.tasks, stage.logits, stage.labels, at.counted, stage.slopes);
      if (thread == 0) memory.row_losses[row] = loss;
    }
    __syncthreads();
    for (int t = thread; t < sizes.tasks; t += kTileThreads) {
      memory.d_logits[static_cast<std::int64_t>(row) * sizes.tasks + t] = stage.slopes[t];
    }
    row_gradients(at, stage, row);
    __syncthreads();
  }
}

}  // namespace explainn::kernels
