// Device code of the kernel of many steps: one unit's way back, and its step of the optimiser.
#pragma once

#include "kernels/unit_pass/device_chip_forward.h"

namespace explainn::kernels {

struct OutputSums {
  float beta, gamma;  ///< gradients of the output's batch norm
};

/// By one warp: dv of all rows from the gradients of the outputs.
__device__ inline OutputSums output_back(const ChipStep& at, const ChipShared& shared,
                                         const float (&linear)[kLaneRows]) {
  const StepSizes& sizes = at.sizes();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const float* const d_outputs =
      at.memory().d_outputs + static_cast<std::int64_t>(at.unit) * sizes.rows;
  const float mean = shared.output_norm[0];
  const float inverse_s = shared.output_norm[1];
  const float gamma = shared.w[at.last().gamma];
  const float beta = shared.w[at.last().beta];
  float dy[kLaneRows];
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    const int row = lane + 32 * i;
    dy[i] = row < sizes.rows ? __ldcg(d_outputs + row) : 0.0F;
  }
  double sums[2] = {};
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    // The gate looks at the output as it was stored.
    if (!(fmaf(linear[i] - mean, gamma * inverse_s, beta) > 0)) dy[i] = 0;
    sums[0] += static_cast<double>(dy[i]);
    sums[1] += static_cast<double>(dy[i]) * static_cast<double>((linear[i] - mean) * inverse_s);
  }
  sums[0] = warp_sum(sums[0]);
  sums[1] = warp_sum(sums[1]);
  const auto mean_dy = static_cast<float>(sums[0] / sizes.rows);
  const auto mean_dyx = static_cast<float>(sums[1] / sizes.rows);
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    const int row = lane + 32 * i;
    const float normal = (linear[i] - mean) * inverse_s;
    if (row < sizes.rows) {
      shared.slopes[row] = gamma * inverse_s * ((dy[i] - mean_dy) - normal * mean_dyx);
    }
  }
  return {static_cast<float>(sums[0]), static_cast<float>(sums[1])};
}

/// Shares [2][kRowGroups][kNodes] of sums over rows: of dv where the node is open, and of that
/// times y - mean.
__device__ inline void share_nodes(const ChipShared& shared, const ChipPlace& place,
                                   const ChipProducts& products) {
  if (!place.there) return;
  const float2 dv = *reinterpret_cast<const float2*>(shared.slopes + place.row());
  float* const sums = shared.stage + place.group * kNodes;
  float* const along = sums + kRowGroups * kNodes;
#pragma unroll
  for (int j = 0; j < kChipPairs; ++j) {
    float sum[2];
    float product[2];
#pragma unroll
    for (int k = 0; k < 2; ++k) {
      const float mean = shared.nodes[place.node(j) + k].mean;
      const float a = ((products.open >> (2 * j + k)) & 1U) != 0 ? dv.x : 0.0F;
      const float b = ((products.open >> (10 + 2 * j + k)) & 1U) != 0 ? dv.y : 0.0F;
      const float y_a = k == 0 ? products.y[0][j].x : products.y[0][j].y;
      const float y_b = k == 0 ? products.y[1][j].x : products.y[1][j].y;
      sum[k] = a + b;
      product[k] = fmaf(a, y_a - mean, b * (y_b - mean));
    }
    *reinterpret_cast<float2*>(sums + place.node(j)) = make_float2(sum[0], sum[1]);
    *reinterpret_cast<float2*>(along + place.node(j)) = make_float2(product[0], product[1]);
  }
}

/// The sums of the shares, and what follows from them.
__device__ inline void sum_nodes(const ChipStep& at, const ChipShared& shared) {
  const NodeShare share = NodeShare::of_thread();
  const float2 sums = share.sums(shared.stage);
  if (share.share > 0 || share.node >= kNodes) return;
  const float inverse_s = shared.nodes[share.node].inverse_s;
  const auto raise = static_cast<float>(1 / (1 - at.run.step.dropout));
  const float weight = shared.w[at.last().w + share.node] * raise;
  const float of_row = weight / static_cast<float>(at.sizes().rows);
  shared.node_sums[share.node] = sums.x;
  shared.node_sums[kNodes + share.node] = sums.y;
  shared.gradients[share.node] = {weight, of_row * sums.x, of_row * sums.y * inverse_s * inverse_s};
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

/// dy in both orders; the layer's weights turned.
__device__ inline void fill_gradients(const ChipStep& at, const ChipShared& shared,
                                      const ChipPlace& place, const ChipProducts& products,
                                      const GradientStage& stage) {
  const UnitLayer& of = at.hidden();
  if (place.there) {
    const float2 dv = *reinterpret_cast<const float2*>(shared.slopes + place.row());
    const bool rows[2] = {place.row() < at.sizes().rows, place.row() + 1 < at.sizes().rows};
#pragma unroll
    for (int j = 0; j < kChipPairs; ++j) {
      float dy[2][kChipRows];
#pragma unroll
      for (int k = 0; k < 2; ++k) {
        const int node = place.node(j) + k;
        const ChipNode norm = shared.nodes[node];
        const ChipNodeGradient gradient = shared.gradients[node];
#pragma unroll
        for (int r = 0; r < kChipRows; ++r) {
          const bool open = ((products.open >> (10 * r + 2 * j + k)) & 1U) != 0;
          const float dz = open ? gradient.weight * (r == 0 ? dv.x : dv.y) : 0.0F;
          const float y = k == 0 ? products.y[r][j].x : products.y[r][j].y;
          const float value =
              norm.scale * ((dz - gradient.mean_dz) - (y - norm.mean) * gradient.slope);
          dy[k][r] = rows[r] ? value : 0.0F;
        }
        *reinterpret_cast<float2*>(stage.of_nodes + node * kTileRows + place.row()) =
            make_float2(dy[k][0], dy[k][1]);
      }
#pragma unroll
      for (int r = 0; r < kChipRows; ++r) {
        *reinterpret_cast<float2*>(stage.of_rows + (place.row() + r) * kNodes + place.node(j)) =
            make_float2(dy[0][r], dy[1][r]);
      }
    }
  }
  for (int i = static_cast<int>(threadIdx.x); i < kNodes * (kChunk / 4); i += kChipThreads) {
    const int node = i % kNodes;
    const int q = i / kNodes * 4;
    float values[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      values[k] = q + k < at.sizes().pooled ? shared.w[of.w + (q + k) * of.stride + node] : 0.0F;
    }
    *reinterpret_cast<float4*>(stage.weights + node * kChunkRow + q) =
        make_float4(values[0], values[1], values[2], values[3]);
  }
}

/// The first half of the threads: gradients of the pooled values, into `total`. The second: those
/// of the layer's weights, and their step; and that of the nodes' other numbers.
__device__ inline void multiply_back(const ChipStep& at, const ChipShared& shared,
                                     const GradientStage& stage, const ChipOptimizer& optimizer) {
  constexpr int kHalf = kChipThreads / 2;
  const int thread = static_cast<int>(threadIdx.x) % kHalf;
  const PairPlace place = PairPlace::of(thread);
  const bool inputs = static_cast<int>(threadIdx.x) < kHalf;
  const auto apply = [&](std::int64_t i, float gradient) {
    optimizer(gradient, shared.w[i], shared.m[i], shared.v[i]);
  };
  if (inputs) {
    if (!place.there) return;
    float acc[2][kWide] = {};
    add_pair_product(place, stage.of_nodes, stage.weights, kChunkRow, acc);
    store_pair_product(place, acc, shared.total);
    return;
  }
  const UnitLayer& of = at.hidden();
  if (place.there) {
    float acc[2][kWide] = {};
    add_pair_product(place, stage.of_rows, shared.x, kChunk, acc);
    const int count = min(kWide, at.sizes().pooled - place.input);
    const auto stride = static_cast<int>(of.stride);
    const auto first = static_cast<int>(of.w) + place.input * stride + place.pair;
    if (optimizer.adam && count == kWide) {
#pragma unroll
      for (int j = 0; j < kWide; ++j) {
        const int i = first + j * stride;
        optimizer.pair(make_float2(acc[0][j], acc[1][j]), shared.w + i, shared.m + i, shared.v + i);
      }
    } else {
#pragma unroll
      for (int j = 0; j < kWide; ++j) {
        if (j >= count) continue;
        apply(first + j * stride, acc[0][j]);
        apply(first + j * stride + 1, acc[1][j]);
      }
    }
  }
  for (int node = kHalf - 1 - thread; node < kNodes; node += kHalf) {
    const ChipNode norm = shared.nodes[node];
    const float dv = shared.node_sums[node];
    const float along = shared.node_sums[kNodes + node];
    const float weight = shared.gradients[node].weight;
    const auto raise = static_cast<float>(1 / (1 - at.run.step.dropout));
    apply(of.gamma + node, weight * along * norm.inverse_s);
    apply(of.beta + node, weight * dv);
    apply(at.last().w + node, raise * fmaf(norm.scale, along, norm.beta * dv));
  }
}

/// Threads that share an entry of the sums of windows.
inline constexpr int kEntryShares = 6;

/// Gradients of the scores from those of the pooled values (`total`); their sum and the windows
/// times them as shares of integers, in the stage. Returns the sum and what the integers are to be
/// divided by.
struct WindowSums {
  float sum, scale;
  std::int32_t* shares;  ///< [kEntryShares][4 K]
};
__device__ inline WindowSums sum_windows_of_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  const float centre = pooled_centre(at, shared);
  std::int32_t* const tables = reinterpret_cast<std::int32_t*>(static_cast<float*>(shared.stage));
  for (int i = thread; i < sum_table_size(sizes.filter); i += kChipThreads) tables[i] = 0;
  float sum = 0;
  float size = 0;
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    float& value = shared.total[i.row * kChunkRow + i.q];
    value *= shared.x[i.row * kChunk + i.q] + centre;
    sum += value;
    size += fabsf(value);
  }
  double sums[2] = {static_cast<double>(sum), static_cast<double>(size)};
  explainn::cuda::block_sums(sums, shared.of_warps);
  const float scale = fixed_point_scale(sums[1]);
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    add_window(sizes.filter, tables, chip_row(at, shared, i.row),
               i.q * sizes.stride + shared.offsets[i.row * kChunk + i.q],
               __float2int_rn(shared.total[i.row * kChunkRow + i.q] * scale));
  }
  __syncthreads();
  const int entries = sizes.letters();
  std::int32_t* const shares = tables + sum_table_size(sizes.filter);
  for (int i = thread; i < kEntryShares * entries; i += kChipThreads) {
    shares[i] = window_sum(sizes.filter, tables, i % entries, i / entries, kEntryShares);
  }
  return {static_cast<float>(sums[0]), scale, shares};
}

/// By one warp: the filter and its batch norm.
__device__ inline void update_filter(const ChipStep& at, const ChipShared& shared,
                                     const FoldedFilter& folded, const WindowSums& windows,
                                     const ChipOptimizer& optimizer) {
  const UnitLayer& of = at.convolution();
  const int entries = at.sizes().letters();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const double share = windows.scale > 0 ? 1 / static_cast<double>(windows.scale) : 0;
  const auto window = [&](int i) {
    std::int32_t whole = 0;
#pragma unroll
    for (int j = 0; j < kEntryShares; ++j) whole += windows.shares[j * entries + i];
    return whole * share;
  };
  double term = 0;
  for (int i = lane; i < entries; i += 32)
    term += static_cast<double>(shared.w[of.w + i]) * window(i);
  const double sum_dyx =
      (warp_sum(term) - static_cast<double>(windows.sum) * static_cast<double>(folded.mean)) /
      static_cast<double>(folded.s);
  const auto along = static_cast<float>(sum_dyx) / folded.s;
  for (int i = lane; i < entries; i += 32) {
    const float gradient =
        folded.scale * (static_cast<float>(window(i)) - windows.sum * shared.mean_of(at.number)[i] -
                        along * shared.covariance_filter[i]);
    optimizer(gradient, shared.w[of.w + i], shared.m[of.w + i], shared.v[of.w + i]);
  }
  if (lane == 0) {
    optimizer(static_cast<float>(sum_dyx), shared.w[of.gamma], shared.m[of.gamma],
              shared.v[of.gamma]);
  }
}

/// By one warp, before the layer's gammas are changed: a shift of all scores scales all pooled
/// values; what the layer's eps leaves of it is the gradient of the convolution's beta.
__device__ inline float scores_shift(const ChipStep& at, const ChipShared& shared) {
  float shift = 0;
  for (int node = static_cast<int>(threadIdx.x) % 32; node < kNodes; node += 32) {
    const float inverse_s = shared.nodes[node].inverse_s;
    shift += shared.w[at.hidden().gamma + node] * shared.gradients[node].weight *
             shared.node_sums[kNodes + node] * inverse_s * inverse_s * inverse_s;
  }
  return static_cast<float>(kNormEps) * warp_sum(shift);
}

/// After the first barrier behind output_back, which the first warp has done.
__device__ inline void backward_unit(ChipStep& at, const ChipShared& shared,
                                     const ChipProducts& products, const FoldedFilter& folded,
                                     const OutputSums& of_output) {
  const ChipPlace place = ChipPlace::of_thread();
  const ChipOptimizer optimizer = ChipOptimizer::of(at);
  at.mark(ChipPhase::way_back);
  share_nodes(shared, place, products);
  __syncthreads();
  sum_nodes(at, shared);
  __syncthreads();
  at.mark(ChipPhase::nodes);
  const GradientStage stage = GradientStage::in(shared.stage);
  fill_gradients(at, shared, place, products, stage);
  const bool first_warp = threadIdx.x < 32;
  const float d_beta = first_warp ? scores_shift(at, shared) : 0.0F;
  __syncthreads();
  at.mark(ChipPhase::gradients);
  multiply_back(at, shared, stage, optimizer);
  __syncthreads();
  at.mark(ChipPhase::products);
  const WindowSums windows = sum_windows_of_unit(at, shared);
  __syncthreads();
  at.mark(ChipPhase::windows);
  if (first_warp) {
    update_filter(at, shared, folded, windows, optimizer);
    const auto apply = [&](std::int64_t i, float gradient) {
      optimizer(gradient, shared.w[i], shared.m[i], shared.v[i]);
    };
    __syncwarp();
    if (threadIdx.x == 0) {
      apply(at.convolution().beta, d_beta);
      apply(at.last().gamma, of_output.gamma);
      apply(at.last().beta, of_output.beta);
    }
  }
  at.mark(ChipPhase::filter);
}

}  // namespace explainn::kernels
