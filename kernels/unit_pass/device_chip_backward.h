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

/// Gradients of the logits of all rows, on their way from global memory: asked for early, waited
/// for where they are used. What does not fit in registers is read then.
struct LogitGradients {
  static constexpr int kAhead = 20;
  float values[kAhead];

  __device__ static LogitGradients ask(const ChipStep& at) {
    const int size = at.sizes().rows * at.sizes().tasks;
    LogitGradients ahead;
#pragma unroll
    for (int i = 0; i < kAhead; ++i) {
      const int place = i * kTileThreads + static_cast<int>(threadIdx.x);
      ahead.values[i] = place < size ? __ldcg(at.memory().d_logits + place) : 0.0F;
    }
    return ahead;
  }
  /// to [rows, T] in shared memory.
  __device__ void store(const ChipStep& at, float* to) const {
    const int size = at.sizes().rows * at.sizes().tasks;
#pragma unroll
    for (int i = 0; i < kAhead; ++i) {
      const int place = i * kTileThreads + static_cast<int>(threadIdx.x);
      if (place < size) to[place] = values[i];
    }
    for (int place = kAhead * kTileThreads + static_cast<int>(threadIdx.x); place < size;
         place += kTileThreads) {
      to[place] = __ldcg(at.memory().d_logits + place);
    }
  }
};

/// One of the final layer's columns, and its biases by the block of unit 0. The stage holds the
/// gradients of all logits.
__device__ inline void update_final(const ChipStep& at, const ChipShared& shared,
                                    const ChipOptimizer& optimizer) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  const int shares = max(1, min(kTileThreads / sizes.tasks, 8));
  const float* const d_logits = shared.stage;
  float* const of_shares = shared.stage + sizes.rows * sizes.tasks;  // [2][shares][tasks]
  for (int i = thread; i < shares * sizes.tasks; i += kTileThreads) {
    const int t = i % sizes.tasks;
    float of_weight = 0;
    float of_bias = 0;
#pragma unroll 4
    for (int row = i / sizes.tasks; row < sizes.rows; row += shares) {
      const float slope = d_logits[row * sizes.tasks + t];
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
  float* weights;   ///< [kNodes][kChunkRow]

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
  for (int i = static_cast<int>(threadIdx.x); i < kNodes * (kChunk / 4); i += kTileThreads) {
    const int node = i % kNodes;
    const int q = i / kNodes * 4;
    float values[4];
    for (int k = 0; k < 4; ++k) {
      values[k] = q + k < at.sizes().pooled ? shared.w[of.w + (q + k) * of.stride + node] : 0.0F;
    }
    *reinterpret_cast<float4*>(stage.weights + node * kChunkRow + q) =
        make_float4(values[0], values[1], values[2], values[3]);
  }
  __syncthreads();
}

/// Threads that share an entry of the sums of windows.
inline constexpr int kEntryShares = 3;

/// Gradients of the scores into `total`, and windows [4 K + 1], as integers' sums.
__device__ inline void sum_unit_windows(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  double sums[2] = {};  // of the gradients and of their sizes
  float sum = 0;
  float size = 0;
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    const int at_chunk = i.row * kChunkRow + i.q;
    const float value = shared.total[at_chunk] * (shared.x[at_chunk] + shared.centres[i.q]);
    shared.total[at_chunk] = value;
    sum += value;
    size += fabsf(value);
  }
  sums[0] = static_cast<double>(sum);
  sums[1] = static_cast<double>(size);
  for (int i = thread; i < sum_table_size(sizes.filter); i += kTileThreads) shared.tables[i] = 0;
  explainn::cuda::block_sums(sums, shared.of_warps);
  const float scale = fixed_point_scale(sums[1]);
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    add_window(sizes.filter, shared.tables, packed_row(at, shared, i.row), unknown_row(at, i.row),
               i.q * sizes.stride + shared.offsets[i.row * kChunk + i.q],
               __float2int_rn(shared.total[i.row * kChunkRow + i.q] * scale));
  }
  __syncthreads();
  const int entries = sizes.letters();
  std::int32_t* const shares = reinterpret_cast<std::int32_t*>(shared.total);
  for (int i = thread; i < kEntryShares * entries; i += kTileThreads) {
    shares[i] = window_sum(sizes.filter, shared.tables, i % entries, i / entries, kEntryShares);
  }
  __syncthreads();
  for (int i = thread; i < entries; i += kTileThreads) {
    std::int32_t whole = 0;
    for (int share = 0; share < kEntryShares; ++share) whole += shares[share * entries + i];
    shared.windows[i] = scale > 0 ? whole / static_cast<double>(scale) : 0;
  }
  if (thread == 0) shared.windows[entries] = sums[0];
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
  double sums[2] = {};
  for (int i = thread; i < entries; i += kTileThreads) {
    sums[0] += static_cast<double>(shared.w[of.w + i]) * shared.windows[i];
  }
  // A shift of all scores scales all pooled values: what the layer's eps leaves of it.
  for (int node = thread; node < kNodes; node += kTileThreads) {
    const double inverse_s = shared.inverse_s[node];
    const double d_gamma = static_cast<double>(shared.w[last.w + node]) * raise *
                           shared.node_sums[kNodes + node] * inverse_s;
    sums[1] += static_cast<double>(shared.w[layer.gamma + node]) * d_gamma * inverse_s * inverse_s;
  }
  const double sum_dy = shared.windows[entries];
  explainn::cuda::block_sums(sums, shared.of_warps);
  const double sum_dyx = (sums[0] - sum_dy * norm.mean) / norm.s;
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
    optimizer(static_cast<float>(kNormEps * sums[1]), shared.w[of.beta], shared.m[of.beta],
              shared.v[of.beta]);
  }
}

/// The layers, whose weights' gradients are in `total` [kNodes][kChunkRow].
__device__ inline void update_layers(const ChipStep& at, const ChipShared& shared,
                                     const OutputGradients& of_output,
                                     const ChipOptimizer& optimizer) {
  const UnitLayer& of = at.run.step.layout.layers[0];
  const UnitLayer& last = at.run.step.layout.layers[1];
  const int thread = static_cast<int>(threadIdx.x);
  const auto apply = [&](std::int64_t i, float gradient) {
    optimizer(gradient, shared.w[i], shared.m[i], shared.v[i]);
  };
  for (int i = thread; i < kNodes * (kChunk / 4); i += kTileThreads) {
    const int node = i % kNodes;
    const int q = i / kNodes * 4;
    const float4 four = *reinterpret_cast<const float4*>(shared.total + node * kChunkRow + q);
    const float gradients[4] = {four.x, four.y, four.z, four.w};
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (q + k < at.sizes().pooled) apply(of.w + (q + k) * of.stride + node, gradients[k]);
    }
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

/// Asked for after the barrier behind judge_rows, before anything waits for it.
struct Asked {
  LogitGradients d_logits;
  float d_output;
  double loss;

  __device__ static Asked by(const ChipStep& at) {
    const StepSizes& sizes = at.sizes();
    const int row = static_cast<int>(threadIdx.x);
    Asked asked{};
    asked.loss = at.loss_share();
    if (!at.has_unit) return asked;
    if (row < sizes.rows) {
      asked.d_output =
          __ldcg(at.memory().d_outputs + static_cast<std::int64_t>(at.unit) * sizes.rows + row);
    }
    asked.d_logits = LogitGradients::ask(at);
    return asked;
  }
};

__device__ inline void backward_unit(ChipStep& at, const ChipShared& shared,
                                     const Products& products, const Asked& asked) {
  const TilePlace place = TilePlace::of_thread();
  const PairPlace pair = PairPlace::of_thread();
  const ChipOptimizer optimizer = ChipOptimizer::of(at);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < kTileRows) shared.slopes[thread] = asked.d_output;
  asked.d_logits.store(at, shared.stage);
  __syncthreads();
  at.mark(ChipPhase::ask);
  update_final(at, shared, optimizer);
  at.mark(ChipPhase::final_);
  const OutputGradients of_output =
      output_backward(output_params(at, shared), products.output, shared.linear, shared.slopes,
                      shared.slopes, shared.of_warps);
  __syncthreads();
  sum_nodes(shared, place, products);
  at.mark(ChipPhase::way_back);
  const GradientStage stage = GradientStage::in(shared.stage);
  fill_gradients(at, shared, place, products, stage);
  at.mark(ChipPhase::gradients);
  pair_product(pair, stage.of_nodes, stage.weights, shared.total);
  __syncthreads();
  at.mark(ChipPhase::inputs);
  sum_unit_windows(at, shared);
  at.mark(ChipPhase::windows);
  pair_product(pair, stage.of_rows, shared.x, shared.total);
  __syncthreads();
  at.mark(ChipPhase::weights);
  update_filter(at, shared, optimizer);
  update_layers(at, shared, of_output, optimizer);
  __syncthreads();
  at.mark(ChipPhase::update);
}

}  // namespace explainn::kernels
