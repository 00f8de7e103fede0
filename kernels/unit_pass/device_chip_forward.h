// Device code of the kernel of many steps: one unit from the batch's bases to its outputs.
#pragma once

#include "kernels/unit_pass/device_chip_batch.h"
#include "kernels/unit_pass/device_output.h"

namespace explainn::kernels {

/// What a thread keeps of the hidden layer for the way back: its part of the products, and which
/// of its nodes are open (bit 10 r + 2 j, and + 1 for the pair's second).
struct Products {
  float2 y[kRowsOfThread][kPairsOfThread];
  std::uint64_t open;
  OutputNorm output;
};

/// The batch norm of the convolution, from the moments of the windows, folded into the letters.
__device__ inline void fold_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.convolution;
  const int entries = sizes.letters();
  const int thread = static_cast<int>(threadIdx.x);
  // Rows of an odd length apart: a column of them lies in all banks.
  float* const covariance = shared.stage;
  const ChipMoments& moments = at.moments();
  for (int i = thread; i < entries * entries; i += kTileThreads) {
    covariance[i / entries * (entries + 1) + i % entries] = __ldcg(moments.covariance + i);
  }
  const std::int64_t words = static_cast<std::int64_t>(sizes.rows) * base_words(sizes.length);
  for (std::int64_t i = thread; i < words; i += kTileThreads) {
    shared.bases[i] = __ldcg(at.batch().bases + i);
  }
  __syncthreads();
  double mean = 0;
  double variance = 0;
  for (int i = thread; i < entries; i += kTileThreads) {
    const float* const row = covariance + i * (entries + 1);
    double sum = 0;
    for (int j = 0; j < entries; ++j) {
      sum += static_cast<double>(row[j]) * static_cast<double>(shared.w[of.w + j]);
    }
    shared.covariance_filter[i] = sum;
    variance += sum * static_cast<double>(shared.w[of.w + i]);
    mean += static_cast<double>(__ldcg(moments.mean + i)) * static_cast<double>(shared.w[of.w + i]);
  }
  mean = explainn::cuda::block_sum(mean, shared.of_warps);
  variance = fmax(explainn::cuda::block_sum(variance, shared.of_warps), 0.0);
  const double s = sqrt(variance + kNormEps);
  const double scale = static_cast<double>(shared.w[of.gamma]) / s;
  for (int i = thread; i < entries; i += kTileThreads) {
    shared.letters[i] = static_cast<float>(static_cast<double>(shared.w[of.w + i]) * scale);
  }
  if (thread == 0) {
    *shared.score_norm = {mean, s};
    *shared.shift = static_cast<float>(static_cast<double>(shared.w[of.beta]) - mean * scale);
    float* const statistics = at.memory().statistics + at.unit * at.run.step.layout.statistics;
    const double windows = static_cast<double>(sizes.rows) * sizes.positions;
    move_running(statistics[of.mean], mean + static_cast<double>(statistics[of.bias]));
    move_running(statistics[of.variance], variance * windows / (windows - 1));
  }
  __syncthreads();
}

__device__ inline UnknownRow unknown_row(const ChipStep& at, int row) {
  if (at.run.step.samples.unknown == nullptr) return {nullptr};
  return {at.batch().unknown + row * mask_words(at.sizes().length)};
}

/// Scores, pooled, then exp: x and where the largest stand.
template <int kFilter, int kPool>
__device__ inline void pool_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  make_score_tables(sizes.filter, shared.letters, *shared.shift, shared.stage);
  __syncthreads();
  const float* const own = shared.stage + threadIdx.x % kLanes;
  const auto words = static_cast<int>(base_words(sizes.length));
  for (int i = static_cast<int>(threadIdx.x); i < sizes.rows * sizes.pooled; i += kTileThreads) {
    const int row = i / sizes.pooled;
    const int q = i % sizes.pooled;
    const int first = q * sizes.stride;
    const UnknownRow unknown = unknown_row(at, row);
    const PackedRow bases{shared.bases + row * words, words};
    const Pooled best =
        unknown.any(first, first + sizes.pool + sizes.filter - 1)
            ? pool_letters(sizes, shared.letters, *shared.shift, bases, unknown, first)
            : pool_scores<kFilter, kPool>(sizes, own, bases, first);
    shared.x[row * kChunk + q] = exponential(best.score);
    shared.offsets[row * kChunk + q] = static_cast<std::uint16_t>(best.offset);
  }
  __syncthreads();
}

/// x without its means; once more turned. Rows and columns that are not there become 0.
__device__ inline void centre_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  constexpr int kShares = 8;
  float* const shares = shared.stage;  // [kShares][kChunk]
  if (thread < kShares * kChunk) {
    const int q = thread % kChunk;
    float sum = 0;
    for (int row = thread / kChunk; row < sizes.rows; row += kShares) {
      sum += q < sizes.pooled ? shared.x[row * kChunk + q] : 0.0F;
    }
    shares[thread] = sum;
  }
  __syncthreads();
  if (thread < kChunk) {
    float sum = 0;
    for (int share = 0; share < kShares; ++share) sum += shares[share * kChunk + thread];
    shared.centres[thread] = sum / static_cast<float>(sizes.rows);
  }
  __syncthreads();
  for (int i = thread; i < kTileRows * kChunk; i += kTileThreads) {
    const int row = i / kChunk;
    const int q = i % kChunk;
    const bool there = row < sizes.rows && q < sizes.pooled;
    const float value = there ? shared.x[i] - shared.centres[q] : 0.0F;
    shared.x[i] = value;
    shared.turned_x[q * kTileRows + row] = value;
  }
  __syncthreads();
}

/// The batch norms of all nodes from their sums over the rows: [25][kNodes] shares, of values and
/// of squares.
__device__ inline void norm_nodes(const ChipStep& at, const ChipShared& shared,
                                  const double* shares) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.layers[0];
  const int node = static_cast<int>(threadIdx.x);
  if (node >= kNodes) return;
  constexpr int kGroups = kTileRows / kRowsOfThread;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kGroups; ++i) {
    sum += shares[i * kNodes + node];
    squares += shares[(kGroups + i) * kNodes + node];
  }
  const double mean = sum / sizes.rows;
  const double variance = fmax(squares / sizes.rows - mean * mean, 0.0);
  const double inverse_s = 1 / sqrt(variance + kNormEps);
  const auto narrow = static_cast<float>(mean);
  shared.inverse_s[node] = inverse_s;
  shared.nodes[node] = {
      narrow, static_cast<float>(mean - static_cast<double>(narrow)),
      static_cast<float>(static_cast<double>(shared.w[of.gamma + node]) * inverse_s),
      shared.w[of.beta + node]};
  float* const statistics = at.memory().statistics + at.unit * at.run.step.layout.statistics;
  double whole = mean + static_cast<double>(statistics[of.bias + node]);
  for (int q = 0; q < sizes.pooled; ++q) {
    whole += static_cast<double>(shared.w[of.w + q * of.stride + node]) *
             static_cast<double>(shared.centres[q]);
  }
  move_running(statistics[of.mean + node], whole);
  move_running(statistics[of.variance + node], variance * sizes.rows / (sizes.rows - 1));
}

/// Products of the hidden layer, and the batch norms of its nodes.
__device__ inline void multiply_unit(const ChipStep& at, const ChipShared& shared,
                                     const TilePlace& place, Products& products) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.layers[0];
  for (auto& row : products.y) {
    for (float2& pair : row) pair = make_float2(0, 0);
  }
  add_product(place, sizes.pooled, shared.turned_x, shared.w + of.w, static_cast<int>(of.stride),
              products.y);
  // Rows that are not there hold zeros and add nothing.
  double* const shares = reinterpret_cast<double*>(shared.stage);
  constexpr int kGroups = kTileRows / kRowsOfThread;
  if (place.there) {
    const int group = place.row / kRowsOfThread;
    for (int j = 0; j < kPairsOfThread; ++j) {
      double sum[2] = {};
      double squares[2] = {};
      for (int r = 0; r < kRowsOfThread; ++r) {
        const double a = products.y[r][j].x;
        const double b = products.y[r][j].y;
        sum[0] += a;
        sum[1] += b;
        squares[0] += a * a;
        squares[1] += b * b;
      }
      for (int k = 0; k < 2; ++k) {
        shares[group * kNodes + place.node(j) + k] = sum[k];
        shares[(kGroups + group) * kNodes + place.node(j) + k] = squares[k];
      }
    }
  }
  __syncthreads();
  norm_nodes(at, shared, shares);
  __syncthreads();
}

/// ReLU and dropout, and the last linear map: linear [rows].
__device__ inline void gate_unit(const ChipStep& at, const ChipShared& shared,
                                 const TilePlace& place, Products& products) {
  const UnitLayer& last = at.run.step.layout.layers[1];
  const Keeper keeper = Keeper::at_step(at.run.step, 0, at.unit, at.step);
  float* const shares = shared.stage;  // [kThreadsAlong][kTileRows]
  std::uint64_t open = 0;
  if (place.there) {
    float sums[kRowsOfThread] = {};
    for (int j = 0; j < kPairsOfThread; ++j) {
      const int node = place.node(j);
      const NodeNorm first = shared.nodes[node];
      const NodeNorm second = shared.nodes[node + 1];
      const float weight = shared.w[last.w + node] * keeper.raise;
      const float next_weight = shared.w[last.w + node + 1] * keeper.raise;
      for (int r = 0; r < kRowsOfThread; ++r) {
        const std::uint32_t numbers = keeper.numbers(place.row + r, node / 2);
        const float a = normalised(first, products.y[r][j].x);
        const float b = normalised(second, products.y[r][j].y);
        const bool there = place.row + r < at.sizes().rows;
        const bool open_a = there && a > 0 && keeper.keeps_even(numbers);
        const bool open_b = there && b > 0 && keeper.keeps_odd(numbers);
        if (open_a) sums[r] = fmaf(weight, a, sums[r]);
        if (open_b) sums[r] = fmaf(next_weight, b, sums[r]);
        open |= static_cast<std::uint64_t>(open_a ? 1 : 0) << (10 * r + 2 * j);
        open |= static_cast<std::uint64_t>(open_b ? 1 : 0) << (10 * r + 2 * j + 1);
      }
    }
    for (int r = 0; r < kRowsOfThread; ++r) {
      shares[place.pair / 2 * kTileRows + place.row + r] = sums[r];
    }
  }
  products.open = open;
  __syncthreads();
  const int row = static_cast<int>(threadIdx.x);
  if (row < at.sizes().rows) {
    float sum = 0;
    for (int i = 0; i < kThreadsAlong; ++i) sum += shares[i * kTileRows + row];
    shared.linear[row] = sum;
  }
  __syncthreads();
}

__device__ inline OutputParams output_params(const ChipStep& at, const ChipShared& shared) {
  const UnitLayer& last = at.run.step.layout.layers[1];
  return {at.sizes().rows, shared.w[last.gamma], shared.w[last.beta]};
}

__device__ inline void forward_unit(const ChipStep& at, const ChipShared& shared,
                                    Products& products) {
  const StepSizes& sizes = at.sizes();
  const TilePlace place = TilePlace::of_thread();
  fold_unit(at, shared);
  if (sizes.filter == 19 && sizes.pool == 7) {
    pool_unit<19, 7>(at, shared);
  } else {
    pool_unit<0, 0>(at, shared);
  }
  centre_unit(at, shared);
  multiply_unit(at, shared, place, products);
  gate_unit(at, shared, place, products);
  const OutputMoments moments = output_moments(sizes.rows, shared.linear, shared.of_warps);
  const OutputParams params = output_params(at, shared);
  products.output = moments.norm;
  for (int row = static_cast<int>(threadIdx.x); row < sizes.rows; row += kTileThreads) {
    const double y = output_before_relu(params, moments.norm, shared.linear[row]);
    const auto output = static_cast<float>(y < 0 ? 0 : y);  // keeps NaN
    shared.outputs[row] = output;
    at.memory().outputs[static_cast<std::int64_t>(row) * sizes.units + at.unit] = output;
  }
  if (threadIdx.x == 0) {
    const UnitLayer& last = at.run.step.layout.layers[1];
    float* const statistics = at.memory().statistics + at.unit * at.run.step.layout.statistics;
    move_running(statistics[last.mean],
                 moments.norm.mean + static_cast<double>(statistics[last.bias]));
    move_running(statistics[last.variance], moments.variance * sizes.rows / (sizes.rows - 1));
  }
}

}  // namespace explainn::kernels
