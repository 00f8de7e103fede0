// From the units' last linear maps to the loss and back.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_losses.h"
#include "kernels/unit_pass/device_nodes.h"
#include "kernels/unit_pass/device_output.h"

namespace explainn::kernels {

using explainn::cuda::blocks_for;
using explainn::cuda::DynamicShared;
using explainn::cuda::launch;

namespace {

constexpr int kThreads = 256;

__device__ bool idle(const Step& step) {
  return step.memory.status->stopped != 0 || step.memory.status->counted == 0;
}

__device__ OutputParams output_params(const Step& step, std::int64_t unit) {
  const UnitLayer& last = step.layout.layers[step.sizes.layer_count - 1];
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  return {step.sizes.rows, parameters[last.gamma], parameters[last.beta]};
}

// Running statistics of the hidden layers, whose moments are complete now.
__device__ void move_hidden_statistics(const Step& step, std::int64_t unit) {
  const StepSizes& sizes = step.sizes;
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  float* const statistics = step.memory.statistics + unit * step.layout.statistics;
  for (int layer = 0; layer < sizes.hidden_layers(); ++layer) {
    const UnitLayer& of = step.layout.layers[layer];
    for (int node = static_cast<int>(threadIdx.x); node < kNodes; node += kThreads) {
      const NodeMoments moments = node_moments(step, layer, unit, node);
      double mean = moments.mean + static_cast<double>(statistics[of.bias + node]);
      // The first layer's input had its centres taken away.
      for (int q = 0; layer == 0 && q < sizes.pooled; ++q) {
        mean += static_cast<double>(parameters[of.w + q * of.stride + node]) *
                static_cast<double>(step.memory.centres[unit * sizes.pooled + q]);
      }
      move_running(statistics[of.mean + node], mean);
      move_running(statistics[of.variance + node],
                   moments.variance * sizes.rows / (sizes.rows - 1));
    }
  }
}

__global__ void __launch_bounds__(kThreads) outputs_kernel(const Step step) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  SHARED(double, of_warps, [64]);
  const std::int64_t unit = blockIdx.x;
  if (sizes.layer_count == 0) {
    const float* const x = step.memory.x + unit * sizes.rows * sizes.pooled_row;
    for (int row = static_cast<int>(threadIdx.x); row < sizes.rows; row += kThreads) {
      step.memory.outputs[static_cast<std::int64_t>(row) * sizes.units + unit] =
          x[static_cast<std::int64_t>(row) * sizes.pooled_row];
    }
    return;
  }
  const float* const v = step.memory.v + unit * sizes.rows;
  const OutputMoments moments = output_moments(sizes.rows, v, of_warps);
  const OutputParams params = output_params(step, unit);
  for (int row = static_cast<int>(threadIdx.x); row < sizes.rows; row += kThreads) {
    const double y = output_before_relu(params, moments.norm, v[row]);
    step.memory.outputs[static_cast<std::int64_t>(row) * sizes.units + unit] =
        static_cast<float>(y < 0 ? 0 : y);  // keeps NaN
  }
  if (threadIdx.x == 0) {
    step.memory.v_norms[2 * unit] = moments.norm.mean;
    step.memory.v_norms[2 * unit + 1] = moments.norm.inverse_s;
    const UnitLayer& last = step.layout.layers[sizes.layer_count - 1];
    float* const statistics = step.memory.statistics + unit * step.layout.statistics;
    double mean = moments.norm.mean + static_cast<double>(statistics[last.bias]);
    for (int q = 0; sizes.layer_count == 1 && q < sizes.pooled; ++q) {
      mean += static_cast<double>(
                  step.memory.units.values[unit * step.layout.parameters + last.w + q]) *
              static_cast<double>(step.memory.centres[unit * sizes.pooled + q]);
    }
    move_running(statistics[last.mean], mean);
    move_running(statistics[last.variance], moments.variance * sizes.rows / (sizes.rows - 1));
  }
  move_hidden_statistics(step, unit);
}

// A row a block: logits by warps, the loss by the first.
__global__ void __launch_bounds__(kThreads) loss_kernel(const Step step) {
  if (idle(step)) return;
  const StepSizes& sizes = step.sizes;
  DynamicShared shared;
  float* const outputs = shared.take<float>(sizes.units);
  float* const logits = shared.take<float>(sizes.tasks);
  const std::int64_t row = blockIdx.x;
  for (int u = static_cast<int>(threadIdx.x); u < sizes.units; u += kThreads) {
    outputs[u] = step.memory.outputs[row * sizes.units + u];
  }
  __syncthreads();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  for (int t = warp; t < sizes.tasks; t += kThreads / 32) {
    const float* const w =
        step.memory.final_weight.values + static_cast<std::int64_t>(t) * sizes.units;
    float sum = 0;
    for (int u = lane; u < sizes.units; u += 32) sum = fmaf(outputs[u], w[u], sum);
    sum = explainn::cuda::warp_sum(sum) + step.memory.final_bias.values[t];
    if (lane == 0) {
      logits[t] = sum;
      step.memory.logits[row * sizes.tasks + t] = sum;
    }
  }
  __syncthreads();
  if (warp == 0) {
    const double loss = row_loss(
        sizes.loss, sizes.tasks, logits, step.memory.batch.labels + row * sizes.label_columns,
        step.memory.status->counted, step.memory.d_logits + row * sizes.tasks);
    if (lane == 0) step.memory.row_losses[row] = loss;
  }
}

// The batch's loss, and whether there is anything to learn from it.
__global__ void __launch_bounds__(kThreads) judge_kernel(const Step step) {
  SHARED(double, of_warps, [64]);
  StepStatus& status = *step.memory.status;
  const bool judged = status.stopped == 0 && status.counted > 0;
  double sum = 0;
  for (int row = static_cast<int>(threadIdx.x); judged && row < step.sizes.rows; row += kThreads) {
    sum += step.memory.row_losses[row];
  }
  sum = explainn::cuda::block_sum(sum, of_warps);
  if (threadIdx.x == 0) {
    const bool finite = isfinite(sum);
    status.learn = judged && finite ? 1 : 0;
    if (judged) {
      status.loss.sum += sum;
      status.loss.count += status.counted;
      ++status.tracked;
      if (finite && !step.gradients_only) ++status.optimizer_step;
    }
  }
}

// d_outputs [U, B] = d_logits F, a unit and a row a thread.
__global__ void __launch_bounds__(kThreads) output_gradients_kernel(const Step step) {
  if (step.memory.status->learn == 0) return;
  const StepSizes& sizes = step.sizes;
  const int unit = static_cast<int>(blockIdx.y * 32 + threadIdx.x % 32);
  const int row = static_cast<int>(blockIdx.x * (kThreads / 32) + threadIdx.x / 32);
  if (unit >= sizes.units || row >= sizes.rows) return;
  const float* const d_logits = step.memory.d_logits + static_cast<std::int64_t>(row) * sizes.tasks;
  float sum = 0;
  for (int t = 0; t < sizes.tasks; ++t) {
    sum = fmaf(d_logits[t],
               step.memory.final_weight.values[static_cast<std::int64_t>(t) * sizes.units + unit],
               sum);
  }
  step.memory.d_outputs[static_cast<std::int64_t>(unit) * sizes.rows + row] = sum;
}

// Shares of the final layer's gradient from kFinalRows rows each, a weight or bias a thread.
__global__ void __launch_bounds__(kThreads) final_gradients_kernel(const Step step) {
  if (step.memory.status->learn == 0) return;
  const StepSizes& sizes = step.sizes;
  const int unit = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (unit > sizes.units) return;
  const int task = static_cast<int>(blockIdx.y);
  const int part = static_cast<int>(blockIdx.z);
  const int last = min((part + 1) * kFinalRows, sizes.rows);
  float sum = 0;
  for (int row = part * kFinalRows; row < last; ++row) {
    const float slope = step.memory.d_logits[static_cast<std::int64_t>(row) * sizes.tasks + task];
    const float output =
        unit < sizes.units
            ? step.memory.outputs[static_cast<std::int64_t>(row) * sizes.units + unit]
            : 1.0F;
    sum = fmaf(slope, output, sum);
  }
  step.memory
      .d_final[(static_cast<std::int64_t>(part) * sizes.tasks + task) * (sizes.units + 1) + unit] =
      sum;
}

__global__ void __launch_bounds__(kThreads) outputs_backward_kernel(const Step step) {
  if (step.memory.status->learn == 0) return;
  SHARED(double, of_warps, [64]);
  const std::int64_t unit = blockIdx.x;
  const std::int64_t at = unit * step.sizes.rows;
  const OutputNorm norm{step.memory.v_norms[2 * unit], step.memory.v_norms[2 * unit + 1]};
  const OutputGradients sums =
      output_backward(output_params(step, unit), norm, step.memory.v + at,
                      step.memory.d_outputs + at, step.memory.dv + at, of_warps);
  if (threadIdx.x == 0) {
    step.memory.dv_sums[2 * unit] = sums.beta;
    step.memory.dv_sums[2 * unit + 1] = sums.gamma;
  }
}

}  // namespace

void forward_head(const Step& step) {
  const StepSizes& sizes = step.sizes;
  launch(outputs_kernel, {.grid = static_cast<unsigned>(sizes.units), .block = kThreads}, step);
  const std::size_t numbers = static_cast<std::size_t>(sizes.units) + 4 + sizes.tasks;
  launch(loss_kernel,
         {.grid = static_cast<unsigned>(sizes.rows),
          .block = kThreads,
          .shared_bytes = (numbers + 4) * sizeof(float)},
         step);
  launch(judge_kernel, {.grid = 1, .block = kThreads}, step);
}

void backward_head(const Step& step) {
  const StepSizes& sizes = step.sizes;
  launch(output_gradients_kernel,
         {.grid = {blocks_for(sizes.rows, kThreads / 32), blocks_for(sizes.units, 32)},
          .block = kThreads},
         step);
  launch(final_gradients_kernel,
         {.grid = {blocks_for(sizes.units + 1, kThreads), static_cast<unsigned>(sizes.tasks),
                   static_cast<unsigned>(sizes.final_parts())},
          .block = kThreads},
         step);
  if (sizes.layer_count > 0) {
    launch(outputs_backward_kernel, {.grid = static_cast<unsigned>(sizes.units), .block = kThreads},
           step);
  }
}

}  // namespace explainn::kernels
