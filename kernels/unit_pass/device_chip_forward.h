// Device code of the kernel of many steps: one unit from the batch's bases to its outputs.
#pragma once

#include "kernels/unit_pass/device_chip_batch.h"

namespace explainn::kernels {

/// Threads that share a row of the windows' covariance.
inline constexpr int kRowShares = 6;

/// The batch norm of the convolution from the moments of the windows.
struct FoldedFilter {
  float mean, s, scale, shift;
};

/// By all threads, each warp for itself but for the first sums. Ends without a barrier.
__device__ inline FoldedFilter fold_unit(const ChipStep& at, const ChipShared& shared) {
  const int entries = at.sizes().letters();
  const int thread = static_cast<int>(threadIdx.x);
  const float* const w = shared.w + at.convolution().w;
  float* const shares = shared.stage;  // [kRowShares][4 K]
  for (int i = thread; i < kRowShares * entries; i += kChipThreads) {
    // The covariance is symmetric: columns lie side by side.
    const float* const column = shared.covariance + i % entries;
    float even = 0;
    float odd = 0;
    for (int j = i / entries; j < entries; j += 2 * kRowShares) {
      even = fmaf(column[j * entries], w[j], even);
      const int next = j + kRowShares;
      if (next < entries) odd = fmaf(column[next * entries], w[next], odd);
    }
    shares[i] = even + odd;
  }
  __syncthreads();
  double mean = 0;
  double variance = 0;
  for (int i = thread % 32; i < entries; i += 32) {
    float sum = 0;
#pragma unroll
    for (int share = 0; share < kRowShares; ++share) sum += shares[share * entries + i];
    if (thread < 32) shared.covariance_filter[i] = sum;
    mean += static_cast<double>(shared.mean_of(at.number)[i]) * static_cast<double>(w[i]);
    variance += static_cast<double>(sum) * static_cast<double>(w[i]);
  }
  mean = warp_sum(mean);
  variance = fmax(warp_sum(variance), 0.0);
  const float s = sqrtf(static_cast<float>(variance + kNormEps));
  const float scale = shared.w[at.convolution().gamma] / s;
  if (thread == 0) {
    const double windows = static_cast<double>(at.sizes().rows) * at.sizes().positions;
    const UnitLayer& of = at.convolution();
    float* const statistics = shared.statistics;
    move_running(statistics[of.mean], mean + static_cast<double>(statistics[of.bias]));
    move_running(statistics[of.variance], variance * windows / (windows - 1));
  }
  return {static_cast<float>(mean), s, scale,
          shared.w[at.convolution().beta] - static_cast<float>(mean) * scale};
}

/// The unit's filter; its tables are in the stage.
template <int kFilter>
__device__ inline WindowScorer<kFilter> chip_scorer(const ChipStep& at, const ChipShared& shared,
                                                    const FoldedFilter& folded) {
  return WindowScorer<kFilter>::of_thread(at.sizes().filter, kLanes, shared.stage,
                                          shared.w + at.convolution().w, folded.scale,
                                          folded.shift);
}

/// Scores, pooled, then exp: x without its centre, in both orders, and where the largest stand.
template <int kFilter, int kPool>
__device__ inline void pool_unit(const ChipStep& at, const ChipShared& shared,
                                 const FoldedFilter& folded) {
  const StepSizes& sizes = at.sizes();
  const auto scorer = chip_scorer<kFilter>(at, shared, folded);
  const float centre = pooled_centre(at, shared);
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    const Pooled best = pool_scores(scorer, chip_row(at, shared, i.row), i.q * sizes.stride,
                                    kPool > 0 ? kPool : sizes.pool);
    const float x = exponential(best.score) - centre;
    shared.x[i.row * kChunk + i.q] = x;
    shared.turned_x[i.q * kTurnedRow + i.row] = x;
    shared.offsets[i.row * kChunk + i.q] = static_cast<std::uint8_t>(best.offset);
  }
}

/// Products of the hidden layer, and shares [2][kRowGroups][kNodes] of their sums and those of
/// their squares. Rows that are not there hold zeros and add nothing.
__device__ inline void multiply_unit(const ChipStep& at, const ChipShared& shared,
                                     const ChipPlace& place, ChipProducts& products) {
  for (auto& row : products.y) {
    for (float2& pair : row) pair = make_float2(0, 0);
  }
  if (!place.there) return;
  const auto stride = static_cast<int>(at.hidden().stride);
  const float* const w = shared.w + at.hidden().w;
#pragma unroll 2
  for (int q = 0; q < at.sizes().pooled; ++q) {
    const float2 x =
        *reinterpret_cast<const float2*>(shared.turned_x + q * kTurnedRow + place.row());
#pragma unroll
    for (int j = 0; j < kChipPairs; ++j) {
      const float2 weight = *reinterpret_cast<const float2*>(w + q * stride + place.node(j));
      products.y[0][j].x = fmaf(x.x, weight.x, products.y[0][j].x);
      products.y[0][j].y = fmaf(x.x, weight.y, products.y[0][j].y);
      products.y[1][j].x = fmaf(x.y, weight.x, products.y[1][j].x);
      products.y[1][j].y = fmaf(x.y, weight.y, products.y[1][j].y);
    }
  }
  float* const sums = shared.stage + place.group * kNodes;
  float* const squares = sums + kRowGroups * kNodes;
#pragma unroll
  for (int j = 0; j < kChipPairs; ++j) {
    const float2 a = products.y[0][j];
    const float2 b = products.y[1][j];
    *reinterpret_cast<float2*>(sums + place.node(j)) = make_float2(a.x + b.x, a.y + b.y);
    *reinterpret_cast<float2*>(squares + place.node(j)) =
        make_float2(fmaf(a.x, a.x, b.x * b.x), fmaf(a.y, a.y, b.y * b.y));
  }
}

/// Threads of a warp that share a node's sums over the groups of rows, and nodes of a warp.
inline constexpr int kNodeShares = 4;
inline constexpr int kNodesOfWarp = 32 / kNodeShares;
static_assert(kChipThreads / kNodeShares >= kNodes);

/// Which node's sums a thread has a share in.
struct NodeShare {
  int node, share;

  __device__ static NodeShare of_thread() {
    const int thread = static_cast<int>(threadIdx.x);
    return {thread / 32 * kNodesOfWarp + thread % kNodesOfWarp, thread % 32 / kNodesOfWarp};
  }
  /// Sums of shares [2][kRowGroups][kNodes] over the groups, in all threads of the node; 0 where
  /// there is no such node.
  __device__ float2 sums(const float* shares) const {
    float2 sum = make_float2(0, 0);
    if (node < kNodes) {
#pragma unroll 4
      for (int i = share; i < kRowGroups; i += kNodeShares) {
        sum.x += shares[i * kNodes + node];
        sum.y += shares[(kRowGroups + i) * kNodes + node];
      }
    }
#pragma unroll
    for (int distance = kNodesOfWarp; distance < 32; distance *= 2) {
      sum.x += __shfl_xor_sync(kFullWarp, sum.x, distance);
      sum.y += __shfl_xor_sync(kFullWarp, sum.y, distance);
    }
    return sum;
  }
};

/// The batch norms of all nodes; node_sums: their variances.
__device__ inline void norm_nodes(const ChipStep& at, const ChipShared& shared) {
  const NodeShare of = NodeShare::of_thread();
  const float2 sums = of.sums(shared.stage);
  if (of.share > 0 || of.node >= kNodes) return;
  const float count = static_cast<float>(at.sizes().rows);
  const float mean = sums.x / count;
  const float variance = fmaxf(sums.y / count - mean * mean, 0.0F);
  const float inverse_s = 1 / sqrtf(variance + static_cast<float>(kNormEps));
  shared.nodes[of.node] = {mean, shared.w[at.hidden().gamma + of.node] * inverse_s,
                           shared.w[at.hidden().beta + of.node], inverse_s};
  shared.node_sums[of.node] = variance;
}

/// The hidden layer's running statistics, by the threads that have a node (from 0 on).
__device__ inline void move_node_statistics(const ChipStep& at, const ChipShared& shared,
                                            int node) {
  if (node < 0 || node >= kNodes) return;
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.hidden();
  float of_centre = 0;
#pragma unroll 4
  for (int q = 0; q < sizes.pooled; ++q) of_centre += shared.w[of.w + q * of.stride + node];
  of_centre *= pooled_centre(at, shared);
  float* const statistics = shared.statistics;
  move_running(statistics[of.mean + node], static_cast<double>(shared.nodes[node].mean + of_centre +
                                                               statistics[of.bias + node]));
  move_running(statistics[of.variance + node],
               static_cast<double>(shared.node_sums[node]) * sizes.rows / (sizes.rows - 1));
}

/// What dropout keeps of a thread's products in step `step`, as ChipProducts::open.
__device__ inline std::uint32_t kept_products(const ChipStep& at, const ChipPlace& place,
                                              std::uint32_t step) {
  const Keeper keeper = Keeper::at_step(at.run.step, 0, at.unit, step);
  std::uint32_t kept = 0;
#pragma unroll
  for (int r = 0; r < kChipRows; ++r) {
#pragma unroll
    for (int j = 0; j < kChipPairs; ++j) {
      const std::uint32_t numbers = keeper.numbers(place.row() + r, place.node(j) / 2);
      kept |= (keeper.keeps_even(numbers) ? 1U : 0U) << (10 * r + 2 * j);
      kept |= (keeper.keeps_odd(numbers) ? 1U : 0U) << (10 * r + 2 * j + 1);
    }
  }
  return kept;
}

/// ReLU and dropout; shares [kChipAlong][kTileRows] of the last linear map.
__device__ inline void gate_unit(const ChipStep& at, const ChipShared& shared,
                                 const ChipPlace& place, std::uint32_t kept,
                                 ChipProducts& products) {
  products.open = 0;
  if (!place.there) return;
  float sums[kChipRows] = {};
#pragma unroll
  for (int j = 0; j < kChipPairs; ++j) {
    const int node = place.node(j);
    const float2 weight = *reinterpret_cast<const float2*>(shared.w + at.last().w + node);
    const ChipNode first = shared.nodes[node];
    const ChipNode second = shared.nodes[node + 1];
#pragma unroll
    for (int r = 0; r < kChipRows; ++r) {
      const float a = fmaf(products.y[r][j].x - first.mean, first.scale, first.beta);
      const float b = fmaf(products.y[r][j].y - second.mean, second.scale, second.beta);
      const int bit = 10 * r + 2 * j;
      const bool open_a = a > 0 && ((kept >> bit) & 1U) != 0;
      const bool open_b = b > 0 && ((kept >> (bit + 1)) & 1U) != 0;
      sums[r] = fmaf(weight.x, open_a ? a : 0.0F, sums[r]);
      sums[r] = fmaf(weight.y, open_b ? b : 0.0F, sums[r]);
      products.open |= (open_a ? 1U : 0U) << bit | (open_b ? 1U : 0U) << (bit + 1);
    }
  }
  // Rows that are not there are shut.
  for (int r = 0; r < kChipRows; ++r) {
    if (place.row() + r >= at.sizes().rows) products.open &= r == 0 ? ~0x3FFU : 0x3FFU;
  }
  *reinterpret_cast<float2*>(shared.stage + place.along * kTileRows + place.row()) =
      make_float2(sums[0], sums[1]);
}

/// Rows of a lane where one warp has all.
inline constexpr int kLaneRows = (kTileRows + 31) / 32;

/// The unit's output by one warp. linear: v of the lane's rows, kept for the way back.
__device__ inline void output_unit(const ChipStep& at, const ChipShared& shared,
                                   float (&linear)[kLaneRows]) {
  const StepSizes& sizes = at.sizes();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const auto raise = static_cast<float>(1 / (1 - at.run.step.dropout));
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    const int row = lane + 32 * i;
    linear[i] = 0;
    if (row >= sizes.rows) continue;
#pragma unroll
    for (int j = 0; j < kChipAlong; ++j) linear[i] += shared.stage[j * kTileRows + row];
    linear[i] *= raise;
    sum += linear[i];
  }
  const float count = static_cast<float>(sizes.rows);
  const float mean = warp_sum(sum) / count;
  float squares = 0;
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    const float centred = lane + 32 * i < sizes.rows ? linear[i] - mean : 0.0F;
    squares = fmaf(centred, centred, squares);
  }
  const float variance = warp_sum(squares) / count;
  const float inverse_s = 1 / sqrtf(variance + static_cast<float>(kNormEps));
  const UnitLayer& last = at.last();
  const float scale = shared.w[last.gamma] * inverse_s;
#pragma unroll
  for (int i = 0; i < kLaneRows; ++i) {
    const int row = lane + 32 * i;
    const float y = fmaf(linear[i] - mean, scale, shared.w[last.beta]);
    if (row < sizes.rows) {
      at.outputs()[static_cast<std::int64_t>(row) * sizes.units + at.unit] =
          y < 0 ? 0.0F : y;  // keeps NaN
    }
  }
  if (lane > 0) return;
  shared.output_norm[0] = mean;
  shared.output_norm[1] = inverse_s;
  float* const statistics = shared.statistics;
  move_running(statistics[last.mean], static_cast<double>(mean + statistics[last.bias]));
  move_running(statistics[last.variance],
               static_cast<double>(variance) * sizes.rows / (sizes.rows - 1));
}

/// kept: what dropout keeps in this step.
__device__ inline FoldedFilter forward_unit(ChipStep& at, const ChipShared& shared,
                                            std::uint32_t kept, ChipProducts& products,
                                            float (&linear)[kLaneRows]) {
  const StepSizes& sizes = at.sizes();
  const ChipPlace place = ChipPlace::of_thread();
  at.mark(ChipPhase::read);
  const FoldedFilter folded = fold_unit(at, shared);
  __syncthreads();
  fill_tables(chip_scorer<0>(at, shared, folded), shared.stage);
  __syncthreads();
  at.mark(ChipPhase::fold);
  if (sizes.filter == kPaperFilter && sizes.pool == kPaperPool) {
    pool_unit<kPaperFilter, kPaperPool>(at, shared, folded);
  } else {
    pool_unit<0, 0>(at, shared, folded);
  }
  __syncthreads();
  at.mark(ChipPhase::pool);
  multiply_unit(at, shared, place, products);
  __syncthreads();
  at.mark(ChipPhase::multiply);
  norm_nodes(at, shared);
  __syncthreads();
  at.mark(ChipPhase::norm);
  gate_unit(at, shared, place, kept, products);
  __syncthreads();
  at.mark(ChipPhase::gate);
  if (threadIdx.x < 32) {
    output_unit(at, shared, linear);
  } else {
    move_node_statistics(at, shared, static_cast<int>(threadIdx.x) - 128);
  }
  return folded;
}

}  // namespace explainn::kernels
