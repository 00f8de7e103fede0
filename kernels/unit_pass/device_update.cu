// The end of a step: what is left of each gradient's formula, and the optimiser.
#include <cuda_runtime.h>

#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_apply.h"
#include "kernels/unit_pass/device_fold.h"
#include "kernels/unit_pass/device_nodes.h"

namespace explainn::kernels {

using explainn::cuda::blocks_for;
using explainn::cuda::launch;

namespace {

constexpr int kThreads = 256;

// The sums of a hidden layer's node on the way back: dz, dz n, dv h.
__device__ double dz_sum(const Step& step, int layer, std::int64_t unit, int which, int node) {
  const double* const sums =
      step.memory.dz_sums +
      (layer * static_cast<std::int64_t>(step.sizes.units) + unit) * step.sizes.parts * 3 * kNodes;
  double sum = 0;
  for (int part = 0; part < step.sizes.parts; ++part) {
    sum += sums[(part * 3 + which) * kNodes + node];
  }
  return sum;
}

// Gradient of the convolution's beta: a shift of all scores scales all pooled values, which the
// batch norm of the next layer takes away but for its eps.
__device__ double scores_shift(const Step& step, std::int64_t unit, double* of_warps) {
  const StepSizes& sizes = step.sizes;
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  const UnitLayer& of = step.layout.layers[0];
  double share = 0;
  if (sizes.layer_count == 1) {
    const double inverse_s = step.memory.v_norms[2 * unit + 1];
    return kNormEps * static_cast<double>(parameters[of.gamma]) *
           step.memory.dv_sums[2 * unit + 1] * inverse_s * inverse_s;
  }
  for (int node = static_cast<int>(threadIdx.x); node < kNodes; node += kThreads) {
    const double inverse_s = node_moments(step, 0, unit, node).inverse_s();
    share += static_cast<double>(parameters[of.gamma + node]) * dz_sum(step, 0, unit, 1, node) *
             inverse_s * inverse_s;
  }
  return kNormEps * explainn::cuda::block_sum(share, of_warps);
}

__device__ void update_filter(const Step& step, std::int64_t unit, const Applied& apply,
                              double* windows, double* of_warps) {
  const StepSizes& sizes = step.sizes;
  const UnitLayer& of = step.layout.convolution;
  const float* const parameters = step.memory.units.values + unit * step.layout.parameters;
  const int entries = sizes.letters();
  const double* const parts = step.memory.window_sums + unit * sizes.parts * (entries + 1);
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i <= entries; i += kThreads) {
    double sum = 0;
    for (int part = 0; part < sizes.parts; ++part) sum += parts[part * (entries + 1) + i];
    windows[i] = sum;
  }
  __syncthreads();
  const ScoreNorm norm = step.memory.norms[unit];
  double term = 0;
  for (int i = thread; i < entries; i += kThreads) {
    term += static_cast<double>(parameters[of.w + i]) * windows[i];
  }
  const double sum_dy = windows[entries];
  const double sum_dyx = (explainn::cuda::block_sum(term, of_warps) - sum_dy * norm.mean) / norm.s;
  const double d_beta = sizes.layer_count == 0 ? sum_dy : scores_shift(step, unit, of_warps);
  const double scale = static_cast<double>(parameters[of.gamma]) / norm.s;
  const double count = static_cast<double>(sizes.rows) * sizes.positions;
  __syncthreads();  // everyone has read w and gamma
  for (int i = thread; i < entries; i += kThreads) {
    const double mean = pair_count(step.memory.batch.pairs, sizes.filter, i, i) / count;
    const double along = step.memory.covariance_filters[unit * entries + i];
    apply(of.w + i,
          static_cast<float>(scale * (windows[i] - sum_dy * mean - sum_dyx / norm.s * along)));
  }
  if (thread == 0) {
    apply(of.gamma, static_cast<float>(sum_dyx));
    apply(of.beta, static_cast<float>(d_beta));
  }
}

__device__ void update_hidden(const Step& step, std::int64_t unit, const Applied& apply) {
  const StepSizes& sizes = step.sizes;
  for (int layer = 0; layer < sizes.hidden_layers(); ++layer) {
    const UnitLayer& of = step.layout.layers[layer];
    const float* const dw =
        step.memory.dw + (layer * static_cast<std::int64_t>(sizes.units) + unit) * sizes.parts *
                             step.memory.most_inputs * kNodes;
    const int weights = static_cast<int>(of.inputs) * kNodes;
    for (int i = static_cast<int>(threadIdx.x); i < weights; i += kThreads) {
      float sum = 0;
      for (int part = 0; part < sizes.parts; ++part) {
        sum += dw[part * step.memory.most_inputs * kNodes + i];
      }
      apply(of.w + i / kNodes * of.stride + i % kNodes, sum);
    }
    for (int node = static_cast<int>(threadIdx.x); node < kNodes; node += kThreads) {
      apply(of.gamma + node, static_cast<float>(dz_sum(step, layer, unit, 1, node)));
      apply(of.beta + node, static_cast<float>(dz_sum(step, layer, unit, 0, node)));
    }
  }
}

__device__ void update_last(const Step& step, std::int64_t unit, const Applied& apply) {
  const StepSizes& sizes = step.sizes;
  if (sizes.layer_count == 0) return;
  const int layer = sizes.layer_count - 1;
  const UnitLayer& of = step.layout.layers[layer];
  for (int i = static_cast<int>(threadIdx.x); i < static_cast<int>(of.inputs); i += kThreads) {
    apply(of.w + i, layer == 0 ? step.memory.single_dw[unit * sizes.pooled + i]
                               : static_cast<float>(dz_sum(step, layer - 1, unit, 2, i)));
  }
  if (threadIdx.x == 0) {
    apply(of.gamma, static_cast<float>(step.memory.dv_sums[2 * unit + 1]));
    apply(of.beta, static_cast<float>(step.memory.dv_sums[2 * unit]));
  }
}

__global__ void __launch_bounds__(kThreads) update_units_kernel(const Step step) {
  if (step.memory.status->learn == 0) return;
  explainn::cuda::DynamicShared shared;
  double* const of_warps = shared.take<double>(32);
  double* const windows = shared.take<double>(step.sizes.letters() + 1);
  const std::int64_t unit = blockIdx.x;
  const Applied apply = Applied::to(step, step.memory.units, unit * step.layout.parameters);
  update_filter(step, unit, apply, windows, of_warps);
  update_hidden(step, unit, apply);
  update_last(step, unit, apply);
}

__global__ void __launch_bounds__(kThreads) update_final_kernel(const Step step) {
  if (step.memory.status->learn == 0) return;
  const StepSizes& sizes = step.sizes;
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int columns = sizes.units + 1;
  if (i >= sizes.tasks * columns) return;
  float sum = 0;
  for (int part = 0; part < sizes.final_parts(); ++part) {
    sum += step.memory.d_final[static_cast<std::int64_t>(part) * sizes.tasks * columns + i];
  }
  const int task = i / columns;
  const int unit = i % columns;
  if (unit == sizes.units) {
    Applied::to(step, step.memory.final_bias, 0)(task, sum);
    return;
  }
  const std::int64_t at = static_cast<std::int64_t>(task) * sizes.units + unit;
  Applied::to(step, step.memory.final_weight, 0)(at, sum);
  if (step.trim_weights && !step.gradients_only) {
    float& weight = step.memory.final_weight.values[at];
    weight = fmaxf(weight, 0.0F);
  }
}

__global__ void finish_kernel(const Step step) {
  StepStatus& status = *step.memory.status;
  if (threadIdx.x > 0 || status.stopped != 0) return;
  ++status.steps;
  ++status.step;
  status.place += step.sizes.rows;
  if (status.counted > 0 && status.learn == 0) status.stopped = 1;
  status.learn = 0;
}

}  // namespace

void update(const Step& step) {
  const StepSizes& sizes = step.sizes;
  const std::size_t doubles = 32 + static_cast<std::size_t>(sizes.letters()) + 3;
  launch(update_units_kernel,
         {.grid = static_cast<unsigned>(sizes.units),
          .block = kThreads,
          .shared_bytes = doubles * sizeof(double)},
         step);
  launch(update_final_kernel,
         {.grid = blocks_for(static_cast<std::int64_t>(sizes.tasks) * (sizes.units + 1), kThreads),
          .block = kThreads},
         step);
}

void finish_step(const Step& step) {
  launch(finish_kernel, {.grid = 1, .block = 32}, step);
}

}  // namespace explainn::kernels
