// Device code of the kernel of many steps: one unit's way back, and its step of the optimiser.
#pragma once

#include "kernels/unit_pass/device_chip_forward.h"

namespace explainn::kernels {

/// The optimiser's step on numbers in shared memory.
struct ChipOptimizer {
  bool adam, first;
  float lr, momentum;
  AdamRates rates;

  __device__ static ChipOptimizer of(const ChipStep& at) {
    const Step& step = at.run.step;
    return {step.adam, at.optimizer_step == 1, static_cast<float>(step.lr),
            static_cast<float>(step.momentum),
            step.adam ? at.run.memory.rates[at.optimizer_step - at.run.first_optimizer_step]
                      : AdamRates{}};
  }
  __device__ void operator()(float gradient, float& w, float& m, float& v) const {
    if (adam) {
      adam_number(rates, gradient, m, v, w);
    } else {
      sgd_number(lr, momentum, first, gradient, momentum != 0 ? &m : nullptr, w);
    }
  }
};

/// One of the final layer's columns, and its biases by the block of unit 0.
__device__ inline void update_final(const ChipStep& at, const ChipShared& shared,
                                    const ChipOptimizer& optimizer) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  const int shares = max(1, min(kTileThreads / sizes.tasks, 8));
  float* const of_shares = shared.stage;  // [2][shares][tasks]
  for (int i = thread; i < shares * sizes.tasks; i += kTileThreads) {
    const int t = i % sizes.tasks;
    float of_weight = 0;
    float of_bias = 0;
    for (int row = i / sizes.tasks; row < sizes.rows; row += shares) {
      const float slope =
          __ldcg(at.memory().d_logits + static_cast<std::int64_t>(row) * sizes.tasks + t);
      of_weight = fmaf(slope, shared.outputs[row], of_weight);
      of_bias += slope;
    }
    of_shares[i] = of_weight;
    of_shares[shares * sizes.tasks + i] = of_bias;
  }
  __syncthreads();
  for (int t = thread; t < sizes.tasks; t += kTileThreads) {
    float of_weight = 0;
    float of_bias = 0;
    for (int share = 0; share < shares; ++share) {
      of_weight += of_shares[share * sizes.tasks + t];
      of_bias += of_shares[(shares + share) * sizes.tasks + t];
    }
    float* const own = shared.final_ + 3 * t;
    optimizer(of_weight, own[0], own[1], own[2]);
    if (at.run.step.trim_weights) own[0] = fmaxf(own[0], 0.0F);
    at.memory().final_weight.values[static_cast<std::int64_t>(t) * sizes.units + at.unit] = own[0];
    if (at.unit > 0) continue;
    const TrainedNumbers& bias = at.memory().final_bias;
    float none = 0;
    optimizer(of_bias, bias.values[t], bias.first == nullptr ? none : bias.first[t],
              bias.second == nullptr ? none : bias.second[t]);
  }
  __syncthreads();
}

/// Sums over rows for each node, with open = 1 where it is open: node_sums[0] of open dv,
/// node_sums[1] of open dv (y - mean).
__device__ inline void sum_nodes(const ChipShared& shared, const TilePlace& place,
                                 const Products& products) {
  constexpr int kGroups = kTileRows / kRowsOfThread;
  float* const shares = shared.stage;  // [2][kGroups][kNodes]
  if (place.there) {
    const int group = place.row / kRowsOfThread;
    for (int j = 0; j < kPairsOfThread; ++j) {
      for (int k = 0; k < 2; ++k) {
        const int node = place.node(j) + k;
        const NodeNorm norm = shared.nodes[node];
        float sum = 0;
        float along = 0;
        for (int r = 0; r < kRowsOfThread; ++r) {
          const bool open = ((products.open >> (10 * r + 2 * j + k)) & 1U) != 0;
          const float dv = open ? shared.slopes[place.row + r] : 0.0F;
          const float y = k == 0 ? products.y[r][j].x : products.y[r][j].y;
          sum += dv;
          along = fmaf(dv, centred(norm, y), along);
        }
        shares[group * kNodes + node] = sum;
        shares[(kGroups + group) * kNodes + node] = along;
      }
    }
  }
  __syncthreads();
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < 2 * kNodes) {
    double sum = 0;
    for (int group = 0; group < kGroups; ++group) {
      sum += static_cast<double>(
          shares[(thread / kNodes * kGroups + group) * kNodes + thread % kNodes]);
    }
    shared.node_sums[thread] = sum;
  }
  __syncthreads();
}

/// What backward_unit keeps in ChipShared::stage.
struct GradientStage {
  float* of_rows;   ///< dy [kTileRows][kNodes]
  float* of_nodes;  ///< dy [kNodes][kTileRows]
  float* weights;   ///< [kNodes][kChunk]

  __device__ static GradientStage in(float* stage) {
    return {stage, stage + kTileRows * kNodes, stage + 2 * kTileRows * kNodes};
  }
};

/// dy = scale (dz - mean(dz) - n mean(dz n)) in both orders; the layer's weights turned.
__device__ inline void fill_gradients(const ChipStep& at, const ChipShared& shared,
                                      const TilePlace& place, const Products& products,
                                      const GradientStage& stage) {
  const UnitLayer& of = at.run.step.layout.layers[0];
  const UnitLayer& last = at.run.step.layout.layers[1];
  const int rows = at.sizes().rows;
  const auto raise = static_cast<float>(1 / (1 - at.run.step.dropout));
  if (place.there) {
    for (int j = 0; j < kPairsOfThread; ++j) {
      float dy[2][kRowsOfThread];
      for (int k = 0; k < 2; ++k) {
        const int node = place.node(j) + k;
        const NodeNorm norm = shared.nodes[node];
        const float weight = shared.w[last.w + node] * raise;
        const double inverse_s = shared.inverse_s[node];
        const auto mean_dz =
            static_cast<float>(static_cast<double>(weight) * shared.node_sums[node] / rows);
        const auto slope =
            static_cast<float>(static_cast<double>(weight) * shared.node_sums[kNodes + node] /
                               rows * inverse_s * inverse_s);
        for (int r = 0; r < kRowsOfThread; ++r) {
          const bool open = ((products.open >> (10 * r + 2 * j + k)) & 1U) != 0;
          const float dz = open ? weight * shared.slopes[place.row + r] : 0.0F;
          const float y = k == 0 ? products.y[r][j].x : products.y[r][j].y;
          const float value = norm.scale * ((dz - mean_dz) - centred(norm, y) * slope);
          dy[k][r] = place.row + r < rows ? value : 0.0F;
        }
        *reinterpret_cast<float4*>(stage.of_nodes + node * kTileRows + place.row) =
            make_float4(dy[k][0], dy[k][1], dy[k][2], dy[k][3]);
      }
      for (int r = 0; r < kRowsOfThread; ++r) {
        *reinterpret_cast<float2*>(stage.of_rows + (place.row + r) * kNodes + place.node(j)) =
            make_float2(dy[0][r], dy[1][r]);
      }
    }
  }
  for (int i = static_cast<int>(threadIdx.x); i < kNodes * kChunk; i += kTileThreads) {
    const int node = i % kNodes;
    const int q = i / kNodes;
    stage.weights[node * kChunk + q] =
        q < at.sizes().pooled ? shared.w[of.w + q * of.stride + node] : 0.0F;
  }
  __syncthreads();
}

/// Gradients of the scores into `total`, and windows [4 K + 1], as integers' sums.
__device__ inline void sum_unit_windows(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  double sum = 0;
  double size = 0;
  for (int i = thread; i < sizes.rows * kChunk; i += kTileThreads) {
    const int q = i % kChunk;
    const float value =
        q < sizes.pooled ? shared.total[i] * (shared.x[i] + shared.centres[q]) : 0.0F;
    shared.total[i] = value;
    sum += static_cast<double>(value);
    size += fabs(static_cast<double>(value));
  }
  for (int i = thread; i < sum_table_size(sizes.filter); i += kTileThreads) shared.tables[i] = 0;
  sum = explainn::cuda::block_sum(sum, shared.of_warps);
  const float scale = fixed_point_scale(explainn::cuda::block_sum(size, shared.of_warps));
  const auto words = static_cast<int>(base_words(sizes.length));
  for (int i = thread; i < sizes.rows * sizes.pooled; i += kTileThreads) {
    const int row = i / sizes.pooled;
    const int q = i % sizes.pooled;
    const int at_chunk = row * kChunk + q;
    add_window(sizes.filter, shared.tables, PackedRow{shared.bases + row * words, words},
               unknown_row(at, row), q * sizes.stride + shared.offsets[at_chunk],
               __float2int_rn(shared.total[at_chunk] * scale));
  }
  __syncthreads();
  for (int i = thread; i < sizes.letters(); i += kTileThreads) {
    shared.windows[i] =
        scale > 0 ? window_sum(sizes.filter, shared.tables, i) / static_cast<double>(scale) : 0;
  }
  if (thread == 0) shared.windows[sizes.letters()] = sum;
  __syncthreads();
}

/// The filter and its batch norm.
__device__ inline void update_filter(const ChipStep& at, const ChipShared& shared,
                                     const ChipOptimizer& optimizer) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.convolution;
  const UnitLayer& layer = at.run.step.layout.layers[0];
  const UnitLayer& last = at.run.step.layout.layers[1];
  const int entries = sizes.letters();
  const int thread = static_cast<int>(threadIdx.x);
  const ScoreNorm norm = *shared.score_norm;
  const double raise = 1 / (1 - at.run.step.dropout);
  double term = 0;
  for (int i = thread; i < entries; i += kTileThreads) {
    term += static_cast<double>(shared.w[of.w + i]) * shared.windows[i];
  }
  // A shift of all scores scales all pooled values: what the layer's eps leaves of it.
  double shift = 0;
  for (int node = thread; node < kNodes; node += kTileThreads) {
    const double inverse_s = shared.inverse_s[node];
    const double d_gamma = static_cast<double>(shared.w[last.w + node]) * raise *
                           shared.node_sums[kNodes + node] * inverse_s;
    shift += static_cast<double>(shared.w[layer.gamma + node]) * d_gamma * inverse_s * inverse_s;
  }
  const double sum_dy = shared.windows[entries];
  const double sum_dyx =
      (explainn::cuda::block_sum(term, shared.of_warps) - sum_dy * norm.mean) / norm.s;
  shift = explainn::cuda::block_sum(shift, shared.of_warps);
  const double scale = static_cast<double>(shared.w[of.gamma]) / norm.s;
  __syncthreads();  // everyone has read w and gamma
  for (int i = thread; i < entries; i += kTileThreads) {
    const auto mean = static_cast<double>(__ldcg(at.moments().mean + i));
    const double gradient = scale * (shared.windows[i] - sum_dy * mean -
                                     sum_dyx / norm.s * shared.covariance_filter[i]);
    optimizer(static_cast<float>(gradient), shared.w[of.w + i], shared.m[of.w + i],
              shared.v[of.w + i]);
  }
  if (thread == 0) {
    optimizer(static_cast<float>(sum_dyx), shared.w[of.gamma], shared.m[of.gamma],
              shared.v[of.gamma]);
    optimizer(static_cast<float>(kNormEps * shift), shared.w[of.beta], shared.m[of.beta],
              shared.v[of.beta]);
  }
}

/// The layers, whose weights' gradients are in `total` [kNodes][kChunk].
__device__ inline void update_layers(const ChipStep& at, const ChipShared& shared,
                                     const OutputGradients& of_output,
                                     const ChipOptimizer& optimizer) {
  const UnitLayer& of = at.run.step.layout.layers[0];
  const UnitLayer& last = at.run.step.layout.layers[1];
  const int thread = static_cast<int>(threadIdx.x);
  const auto apply = [&](std::int64_t i, float gradient) {
    optimizer(gradient, shared.w[i], shared.m[i], shared.v[i]);
  };
  for (int i = thread; i < at.sizes().pooled * kNodes; i += kTileThreads) {
    apply(of.w + i / kNodes * of.stride + i % kNodes,
          shared.total[i % kNodes * kChunk + i / kNodes]);
  }
  const double raise = 1 / (1 - at.run.step.dropout);
  for (int node = thread; node < kNodes; node += kTileThreads) {
    const NodeNorm norm = shared.nodes[node];
    const double dv = shared.node_sums[node];
    const double along = shared.node_sums[kNodes + node];
    const double weight = static_cast<double>(shared.w[last.w + node]) * raise;
    apply(of.gamma + node, static_cast<float>(weight * along * shared.inverse_s[node]));
    apply(of.beta + node, static_cast<float>(weight * dv));
    apply(last.w + node, static_cast<float>(raise * (static_cast<double>(norm.scale) * along +
                                                     static_cast<double>(norm.beta) * dv)));
  }
  if (thread == 0) {
    apply(last.gamma, static_cast<float>(of_output.gamma));
    apply(last.beta, static_cast<float>(of_output.beta));
  }
}

__device__ inline void backward_unit(const ChipStep& at, const ChipShared& shared,
                                     const Products& products) {
  const StepSizes& sizes = at.sizes();
  const TilePlace place = TilePlace::of_thread();
  const SplitPlace split = SplitPlace::of_thread();
  const ChipOptimizer optimizer = ChipOptimizer::of(at);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < kTileRows) {
    shared.slopes[thread] = thread < sizes.rows
                                ? __ldcg(at.memory().d_outputs +
                                         static_cast<std::int64_t>(at.unit) * sizes.rows + thread)
                                : 0.0F;
  }
  update_final(at, shared, optimizer);
  const OutputGradients of_output =
      output_backward(output_params(at, shared), products.output, shared.linear, shared.slopes,
                      shared.slopes, shared.of_warps);
  __syncthreads();
  sum_nodes(shared, place, products);
  const GradientStage stage = GradientStage::in(shared.stage);
  fill_gradients(at, shared, place, products, stage);
  {
    float acc[kTall][kWide] = {};
    if (split.there) split_product(split, kNodes, stage.of_nodes, stage.weights, acc);
    add_splits(split, acc, shared.total);
  }
  sum_unit_windows(at, shared);
  {
    float acc[kTall][kWide] = {};
    if (split.there) split_product(split, kTileRows, stage.of_rows, shared.x, acc);
    add_splits(split, acc, shared.total);
  }
  update_filter(at, shared, optimizer);
  update_layers(at, shared, of_output, optimizer);
  __syncthreads();
}

}  // namespace explainn::kernels
