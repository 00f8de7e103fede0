// Device code of the kernel of many steps: the final layer and the loss, a row a block; and the
// final layer's step by the blocks that help.
#pragma once

#include "kernels/unit_pass/device_chip_step.h"
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

/// Numbers of 4 bytes there, and where the final layer is updated.
EXPLAINN_HOST_DEVICE constexpr std::int64_t head_stage(const StepSizes& sizes) {
  const std::int64_t judging = static_cast<std::int64_t>(sizes.tasks) * sizes.units + sizes.units +
                               sizes.label_columns + 2 * sizes.tasks;
  const std::int64_t updating = static_cast<std::int64_t>(sizes.rows) * (sizes.units + sizes.tasks);
  return judging > updating ? judging : updating;
}

/// Threads that share a logit, or the gradient of an output: neighbours in a warp.
inline constexpr int kLogitShares = 8;
inline constexpr int kOutputShares = 4;

/// The sum over `kShares` neighbouring lanes, in each of them.
template <int kShares>
__device__ inline float sum_of_neighbours(float value) {
#pragma unroll
  for (int distance = 1; distance < kShares; distance *= 2) {
    value += __shfl_xor_sync(kFullWarp, value, distance);
  }
  return value;
}

/// Logits of the row whose outputs are in the stage.
__device__ inline void row_logits(const ChipStep& at, const HeadStage& stage) {
  const StepSizes& sizes = at.sizes();
  const int share = static_cast<int>(threadIdx.x) % kLogitShares;
  constexpr int kAtOnce = kChipThreads / kLogitShares;
  for (int first = 0; first < sizes.tasks; first += kAtOnce) {
    const int t = first + static_cast<int>(threadIdx.x) / kLogitShares;
    const bool there = t < sizes.tasks;
    const float bias = there && share == 0 ? __ldcg(at.memory().final_bias.values + t) : 0.0F;
    float sum = 0;
    if (there) {
      const float* const weights = stage.weights + t * sizes.units;
#pragma unroll 4
      for (int u = share; u < sizes.units; u += kLogitShares) {
        sum = fmaf(stage.outputs[u], weights[u], sum);
      }
    }
    sum = sum_of_neighbours<kLogitShares>(sum);
    if (there && share == 0) stage.logits[t] = sum + bias;
  }
}

/// Gradients of the outputs of the row whose slopes are in the stage.
__device__ inline void row_gradients(const ChipStep& at, const HeadStage& stage, int row) {
  const StepSizes& sizes = at.sizes();
  const int share = static_cast<int>(threadIdx.x) % kOutputShares;
  constexpr int kAtOnce = kChipThreads / kOutputShares;
  for (int first = 0; first < sizes.units; first += kAtOnce) {
    const int u = first + static_cast<int>(threadIdx.x) / kOutputShares;
    float sum = 0;
    if (u < sizes.units) {
#pragma unroll 4
      for (int t = share; t < sizes.tasks; t += kOutputShares) {
        sum = fmaf(stage.slopes[t], stage.weights[t * sizes.units + u], sum);
      }
    }
    sum = sum_of_neighbours<kOutputShares>(sum);
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
    for (int u = thread; u < sizes.units; u += kChipThreads) {
      stage.outputs[u] = __ldcg(at.outputs() + static_cast<std::int64_t>(row) * sizes.units + u);
    }
    for (int i = thread; i < sizes.label_columns; i += kChipThreads) {
      stage.labels[i] =
          __ldcg(at.batch().labels + static_cast<std::int64_t>(row) * sizes.label_columns + i);
    }
    if (row == static_cast<int>(blockIdx.x)) {
#pragma unroll 10
      for (int i = thread; i < sizes.tasks * sizes.units; i += kChipThreads) {
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
    for (int t = thread; t < sizes.tasks; t += kChipThreads) {
      memory.d_logits[static_cast<std::int64_t>(row) * sizes.tasks + t] = stage.slopes[t];
    }
    row_gradients(at, stage, row);
    __syncthreads();
  }
}

/// Rows' outputs and gradients of logits come into the stage.
__device__ inline void read_rows(const ChipStep& at, float* outputs, float* d_logits) {
  const StepSizes& sizes = at.sizes();
#pragma unroll 8
  for (int i = static_cast<int>(threadIdx.x); i < sizes.rows * sizes.units; i += kChipThreads) {
    outputs[i] = __ldcg(at.outputs() + i);
  }
#pragma unroll 8
  for (int i = static_cast<int>(threadIdx.x); i < sizes.rows * sizes.tasks; i += kChipThreads) {
    d_logits[i] = __ldcg(at.memory().d_logits + i);
  }
}

/// This block's part of the final layer's weights and biases: gradient and step.
__device__ inline void update_final(const ChipStep& at, const ChipShared& shared) {
  if (!at.helps) return;
  const StepSizes& sizes = at.sizes();
  const StepMemory& memory = at.memory();
  const ChipOptimizer optimizer = ChipOptimizer::of(at);
  float* const outputs = shared.stage;                         // [rows, U]
  float* const d_logits = outputs + sizes.rows * sizes.units;  // [rows, T]
  __syncthreads();
  read_rows(at, outputs, d_logits);
  __syncthreads();
  const int columns = sizes.units + 1;  // the biases last
  const int numbers = sizes.tasks * columns;
  const int begin = static_cast<int>(static_cast<std::int64_t>(numbers) * at.helper / at.helpers);
  const int end =
      static_cast<int>(static_cast<std::int64_t>(numbers) * (at.helper + 1) / at.helpers);
  for (int i = begin + static_cast<int>(threadIdx.x); i < end; i += kChipThreads) {
    const int task = i / columns;
    const int unit = i % columns;
    const bool bias = unit == sizes.units;
    float sum[4] = {};
    for (int row = 0; row < sizes.rows; row += 4) {
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        if (row + k >= sizes.rows) continue;
        const float output = bias ? 1.0F : outputs[(row + k) * sizes.units + unit];
        sum[k] = fmaf(d_logits[(row + k) * sizes.tasks + task], output, sum[k]);
      }
    }
    const TrainedNumbers& to = bias ? memory.final_bias : memory.final_weight;
    const std::int64_t place = bias ? task : static_cast<std::int64_t>(task) * sizes.units + unit;
    float none = 0;
    optimizer((sum[0] + sum[1]) + (sum[2] + sum[3]), to.values[place],
              to.first == nullptr ? none : to.first[place],
              to.second == nullptr ? none : to.second[place]);
    if (!bias && at.run.step.trim_weights) to.values[place] = fmaxf(to.values[place], 0.0F);
  }
  __syncthreads();
}

}  // namespace explainn::kernels
