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

/// Threads that share a row of the windows' covariance.
inline constexpr int kRowShares = 3;

/// The batch's bases, and the covariance of its windows (rows an odd number apart: a column of them
/// lies in all banks), come into shared memory.
__device__ inline void read_batch(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int entries = sizes.letters();
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const float* const covariance = at.moments().covariance;
#pragma unroll 4
  for (int i = warp; i < entries; i += kTileThreads / 32) {
    for (int j = lane; j < entries; j += 32) {
      shared.stage[i * (entries + 1) + j] = __ldcg(covariance + i * entries + j);
    }
  }
  const auto words = static_cast<int>(base_words(sizes.length));
  const auto pitch = static_cast<int>(row_pitch(sizes));
#pragma unroll 4
  for (int i = static_cast<int>(threadIdx.x); i < sizes.rows * words; i += kTileThreads) {
    shared.bases[i / words * pitch + i % words] = __ldcg(at.batch().bases + i);
  }
  __syncthreads();
}

/// The batch norm of the convolution, from the moments of the windows, folded into the letters.
__device__ inline void fold_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.convolution;
  const int entries = sizes.letters();
  const int thread = static_cast<int>(threadIdx.x);
  const float* const w = shared.w + of.w;
  float* const shares = shared.stage + entries * (entries + 1);  // [kRowShares][4 K]
  for (int i = thread; i < kRowShares * entries; i += kTileThreads) {
    const float* const row = shared.stage + i % entries * (entries + 1);
    float even = 0;
    float odd = 0;
    for (int j = i / entries; j < entries; j += 2 * kRowShares) {
      even = fmaf(row[j], w[j], even);
      if (j + kRowShares < entries) odd = fmaf(row[j + kRowShares], w[j + kRowShares], odd);
    }
    shares[i] = even + odd;
  }
  __syncthreads();
  double sums[2] = {};  // mean and variance
  for (int i = thread; i < entries; i += kTileThreads) {
    double sum = 0;
    for (int share = 0; share < kRowShares; ++share) {
      sum += static_cast<double>(shares[share * entries + i]);
    }
    shared.covariance_filter[i] = sum;
    sums[0] += static_cast<double>(__ldcg(at.moments().mean + i)) * static_cast<double>(w[i]);
    sums[1] += sum * static_cast<double>(w[i]);
  }
  explainn::cuda::block_sums(sums, shared.of_warps);
  const double variance = fmax(sums[1], 0.0);
  const double s = sqrt(variance + kNormEps);
  const double scale = static_cast<double>(shared.w[of.gamma]) / s;
  for (int i = thread; i < entries; i += kTileThreads) {
    shared.letters[i] = static_cast<float>(static_cast<double>(w[i]) * scale);
  }
  if (thread == 0) {
    *shared.score_norm = {sums[0], s};
    *shared.shift = static_cast<float>(static_cast<double>(shared.w[of.beta]) - sums[0] * scale);
    const double windows = static_cast<double>(sizes.rows) * sizes.positions;
    float* const statistics = shared.statistics;
    move_running(statistics[of.mean], sums[0] + static_cast<double>(statistics[of.bias]));
    move_running(statistics[of.variance], variance * windows / (windows - 1));
  }
  __syncthreads();
}

__device__ inline UnknownRow unknown_row(const ChipStep& at, int row) {
  if (at.run.step.samples.unknown == nullptr) return {nullptr};
  return {at.batch().unknown + row * mask_words(at.sizes().length)};
}

/// A row of the batch in shared memory, and two words of zeros behind it.
__device__ inline PackedRow packed_row(const ChipStep& at, const ChipShared& shared, int row) {
  const auto pitch = static_cast<int>(row_pitch(at.sizes()));
  return {shared.bases + row * pitch, pitch};
}

/// Goes through rows and windows as one sequence without dividing.
struct RowWindow {
  int row, q;
  int row_step, q_step, pooled;

  __device__ static RowWindow of_thread(int pooled) {
    const int thread = static_cast<int>(threadIdx.x);
    return {thread / pooled, thread % pooled, kTileThreads / pooled, kTileThreads % pooled, pooled};
  }
  __device__ void next() {
    row += row_step;
    q += q_step;
    if (q >= pooled) {
      q -= pooled;
      ++row;
    }
  }
};

/// Scores, pooled, then exp: x and where the largest stand.
template <int kFilter, int kPool>
__device__ inline void pool_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  make_score_tables(sizes.filter, shared.letters, *shared.shift, shared.stage);
  __syncthreads();
  const float* const own = shared.stage + threadIdx.x % kLanes;
  for (RowWindow i = RowWindow::of_thread(sizes.pooled); i.row < sizes.rows; i.next()) {
    const int first = i.q * sizes.stride;
    const UnknownRow unknown = unknown_row(at, i.row);
    const PackedRow bases = packed_row(at, shared, i.row);
    const Pooled best =
        unknown.any(first, first + sizes.pool + sizes.filter - 1)
            ? pool_letters(sizes, shared.letters, *shared.shift, bases, unknown, first)
            : pool_scores<kFilter, kPool>(sizes, own, bases, first);
    shared.x[i.row * kChunkRow + i.q] = exponential(best.score);
    shared.offsets[i.row * kChunk + i.q] = static_cast<std::uint16_t>(best.offset);
  }
  __syncthreads();
}

/// x without its means; once more turned. Rows and columns that are not there become 0.
__device__ inline void centre_unit(const ChipStep& at, const ChipShared& shared) {
  const StepSizes& sizes = at.sizes();
  const int thread = static_cast<int>(threadIdx.x);
  constexpr int kShares = kTileThreads / kChunk;
  float* const shares = shared.stage;  // [kShares][kChunk]
  const int q = thread % kChunk;
  float sum = 0;
#pragma unroll 4
  for (int row = thread / kChunk; row < sizes.rows; row += kShares) {
    sum += q < sizes.pooled ? shared.x[row * kChunkRow + q] : 0.0F;
  }
  shares[thread] = sum;
  __syncthreads();
  sum = 0;
  for (int share = 0; share < kShares; ++share) sum += shares[share * kChunk + q];
  const float centre = sum / static_cast<float>(sizes.rows);
  if (thread < kChunk) shared.centres[q] = centre;
  // Four rows at a time, so that those of the turned order are written side by side.
  for (int row = thread / kChunk * 4; row < kTileRows; row += kShares * 4) {
    float values[4];
    for (int i = 0; i < 4; ++i) {
      float* const x = shared.x + (row + i) * kChunkRow + q;
      values[i] = row + i < sizes.rows && q < sizes.pooled ? *x - centre : 0.0F;
      *x = values[i];
    }
    *reinterpret_cast<float4*>(shared.turned_x + q * kTileRows + row) =
        make_float4(values[0], values[1], values[2], values[3]);
  }
  __syncthreads();
}

/// Groups of rows of a tile's threads.
inline constexpr int kRowGroups = kTileRows / kRowsOfThread;

/// The batch norms of all nodes from their sums over the rows: [2][kRowGroups][kNodes] shares, of
/// values and of squares.
__device__ inline void norm_nodes(const ChipStep& at, const ChipShared& shared,
                                  const float* shares) {
  const StepSizes& sizes = at.sizes();
  const UnitLayer& of = at.run.step.layout.layers[0];
  const int node = static_cast<int>(threadIdx.x);
  if (node >= kNodes) return;
  float sum = 0;
  float squares = 0;
#pragma unroll 5
  for (int i = 0; i < kRowGroups; ++i) {
    sum += shares[i * kNodes + node];
    squares += shares[(kRowGroups + i) * kNodes + node];
  }
  // The rows have no mean but what rounding left.
  const double mean = static_cast<double>(sum) / sizes.rows;
  const double variance = fmax(static_cast<double>(squares) / sizes.rows - mean * mean, 0.0);
  const double inverse_s = 1 / sqrt(variance + kNormEps);
  const auto narrow = static_cast<float>(mean);
  shared.inverse_s[node] = inverse_s;
  shared.nodes[node] = {
      narrow, static_cast<float>(mean - static_cast<double>(narrow)),
      static_cast<float>(static_cast<double>(shared.w[of.gamma + node]) * inverse_s),
      shared.w[of.beta + node]};
  float of_centres = 0;
  for (int q = 0; q < sizes.pooled; ++q) {
    of_centres = fmaf(shared.w[of.w + q * of.stride + node], shared.centres[q], of_centres);
  }
  float* const statistics = shared.statistics;
  move_running(statistics[of.mean + node], mean + static_cast<double>(of_centres) +
                                               static_cast<double>(statistics[of.bias + node]));
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
  float* const shares = shared.stage;
  if (place.there) {
    const int group = place.row / kRowsOfThread;
#pragma unroll
    for (int j = 0; j < kPairsOfThread; ++j) {
      float2 sum = make_float2(0, 0);
      float2 squares = make_float2(0, 0);
#pragma unroll
      for (int r = 0; r < kRowsOfThread; ++r) {
        const float2 y = products.y[r][j];
        sum.x += y.x;
        sum.y += y.y;
        squares.x = fmaf(y.x, y.x, squares.x);
        squares.y = fmaf(y.y, y.y, squares.y);
      }
      *reinterpret_cast<float2*>(shares + group * kNodes + place.node(j)) = sum;
      *reinterpret_cast<float2*>(shares + (kRowGroups + group) * kNodes + place.node(j)) = squares;
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
#pragma unroll
    for (int j = 0; j < kPairsOfThread; ++j) {
      const int node = place.node(j);
      const NodeNorm first = shared.nodes[node];
      const NodeNorm second = shared.nodes[node + 1];
      const float2 weight = *reinterpret_cast<const float2*>(shared.w + last.w + node);
#pragma unroll
      for (int r = 0; r < kRowsOfThread; ++r) {
        const std::uint32_t numbers = keeper.numbers(place.row + r, node / 2);
        const float a = normalised(first, products.y[r][j].x);
        const float b = normalised(second, products.y[r][j].y);
        const bool there = place.row + r < at.sizes().rows;
        const bool open_a = there && a > 0 && keeper.keeps_even(numbers);
        const bool open_b = there && b > 0 && keeper.keeps_odd(numbers);
        sums[r] = fmaf(weight.x, open_a ? a : 0.0F, sums[r]);
        sums[r] = fmaf(weight.y, open_b ? b : 0.0F, sums[r]);
        open |= static_cast<std::uint64_t>(open_a ? 1 : 0) << (10 * r + 2 * j);
        open |= static_cast<std::uint64_t>(open_b ? 1 : 0) << (10 * r + 2 * j + 1);
      }
    }
    *reinterpret_cast<float4*>(shares + place.pair / 2 * kTileRows + place.row) =
        make_float4(sums[0], sums[1], sums[2], sums[3]);
  }
  products.open = open;
  __syncthreads();
  const int row = static_cast<int>(threadIdx.x);
  if (row < at.sizes().rows) {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kThreadsAlong; ++i) sum += shares[i * kTileRows + row];
    shared.linear[row] = keeper.raise * sum;
  }
  __syncthreads();
}

__device__ inline OutputParams output_params(const ChipStep& at, const ChipShared& shared) {
  const UnitLayer& last = at.run.step.layout.layers[1];
  return {at.sizes().rows, shared.w[last.gamma], shared.w[last.beta]};
}

__device__ inline void forward_unit(ChipStep& at, const ChipShared& shared, Products& products) {
  const StepSizes& sizes = at.sizes();
  const TilePlace place = TilePlace::of_thread();
  read_batch(at, shared);
  at.mark(ChipPhase::read);
  fold_unit(at, shared);
  at.mark(ChipPhase::fold);
  if (sizes.filter == 19 && sizes.pool == 7) {
    pool_unit<19, 7>(at, shared);
  } else {
    pool_unit<0, 0>(at, shared);
  }
  at.mark(ChipPhase::pool);
  centre_unit(at, shared);
  at.mark(ChipPhase::centre);
  multiply_unit(at, shared, place, products);
  at.mark(ChipPhase::multiply);
  gate_unit(at, shared, place, products);
  at.mark(ChipPhase::gate);
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
    float* const statistics = shared.statistics;
    move_running(statistics[last.mean],
                 moments.norm.mean + static_cast<double>(statistics[last.bias]));
    move_running(statistics[last.variance], moments.variance * sizes.rows / (sizes.rows - 1));
  }
}

}  // namespace explainn::kernels
