// Device code of the kernel of many steps: final layer and loss, a row a block.
#pragma once

#include "kernels/unit_pass/device_chip_batch.h"
#include "kernels/unit_pass/device_losses.h"

namespace explainn::kernels {

/// What judge_rows keeps in ChipShared::stage.
struct HeadStage {
  float* weights;  ///< [T, U]
  float* outputs;  ///< [U], of the row
  float* logits;   ///< [T]
  float* slopes;   ///< [T]

  __device__ static HeadStage in(float* stage, const StepSizes& sizes) {
    float* const outputs = stage + static_cast<std::int64_t>(sizes.tasks) * sizes.units;
    return {stage, outputs, outputs + sizes.units, outputs + sizes.units + sizes.tasks};
  }
};

EXPLAINN_HOST_DEVICE constexpr std::int64_t head_stage(const StepSizes& sizes) {
  return static_cast<std::int64_t>(sizes.tasks) * sizes.units + sizes.units + 2 * sizes.tasks;
}

/// Logits, loss and gradients of the units' outputs of this block's rows.
__device__ inline void judge_rows(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  if (static_cast<int>(blockIdx.x) >= sizes.rows) return;
  const StepMemory& memory = at.memory();
  const HeadStage stage = HeadStage::in(shared.stage, sizes);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  for (int i = thread; i < sizes.tasks * sizes.units; i += kTileThreads) {
    stage.weights[i] = __ldcg(memory.final_weight.values + i);
  }
  for (int row = static_cast<int>(blockIdx.x); row < sizes.rows;
       row += static_cast<int>(gridDim.x)) {
    for (int u = thread; u < sizes.units; u += kTileThreads) {
      stage.outputs[u] = __ldcg(memory.outputs + static_cast<std::int64_t>(row) * sizes.units + u);
    }
    __syncthreads();
    for (int t = thread / 32; t < sizes.tasks; t += kTileThreads / 32) {
      float sum = 0;
      for (int u = lane; u < sizes.units; u += 32) {
        sum = fmaf(stage.outputs[u], stage.weights[t * sizes.units + u], sum);
      }
      sum = explainn::cuda::warp_sum(sum);
      if (lane == 0) stage.logits[t] = sum + __ldcg(memory.final_bias.values + t);
    }
    __syncthreads();
    if (thread < 32) {
      const double loss =
          row_loss(sizes.loss, sizes.tasks, stage.logits,
                   at.batch().labels + static_cast<std::int64_t>(row) * sizes.label_columns,
                   at.counted, stage.slopes);
      if (lane == 0) memory.row_losses[row] = loss;
    }
    __syncthreads();
    for (int t = thread; t < sizes.tasks; t += kTileThreads) {
      memory.d_logits[static_cast<std::int64_t>(row) * sizes.tasks + t] = stage.slopes[t];
    }
    for (int u = thread; u < sizes.units; u += kTileThreads) {
      float sum = 0;
      for (int t = 0; t < sizes.tasks; ++t) {
        sum = fmaf(stage.slopes[t], stage.weights[t * sizes.units + u], sum);
      }
      memory.d_outputs[static_cast<std::int64_t>(u) * sizes.rows + row] = sum;
    }
    __syncthreads();
  }
}

}  // namespace explainn::kernels
