// Device code of the kernel of many steps: which step it is, what a thread keeps, and the places of
// threads in products.
#pragma once

#include "kernels/cuda/block.h"
#include "kernels/elementwise/functors.h"
#include "kernels/unit_pass/device_apply.h"
#include "kernels/unit_pass/device_chip.h"
#include "kernels/unit_pass/device_fold.h"
#include "kernels/unit_pass/device_nodes.h"

namespace explainn::kernels {

using explainn::cuda::kFullWarp;
using explainn::cuda::warp_sum;

/// Shared memory of a block, in the order in which it is taken.
struct ChipShared {
  // For the whole launch.
  explainn::cuda::SharedPiece<float> w;           ///< [layout.parameters], of the unit
  explainn::cuda::SharedPiece<float> m;           ///< [layout.parameters]
  explainn::cuda::SharedPiece<float> v;           ///< [layout.parameters]
  explainn::cuda::SharedPiece<float> statistics;  ///< [layout.statistics]
  // For a step.
  explainn::cuda::SharedPiece<float> covariance;  ///< [4 K][4 K], of the batch's windows
  explainn::cuda::SharedPiece<float> mean[2];     ///< [4 K], likewise: of steps in turn
  explainn::cuda::SharedPiece<std::uint32_t>
      bases[2];  ///< [rows][base_words(L)] and two words more: likewise
  explainn::cuda::SharedPiece<float> covariance_filter;  ///< [4 K]
  explainn::cuda::SharedPiece<float>
      x;  ///< [kTileRows][kChunk], pooled values without their centre
  explainn::cuda::SharedPiece<float> turned_x;              ///< [kChunk][kTurnedRow]
  explainn::cuda::SharedPiece<std::uint8_t> offsets;        ///< [kTileRows][kChunk]
  explainn::cuda::SharedPiece<ChipNode> nodes;              ///< [kNodes]
  explainn::cuda::SharedPiece<ChipNodeGradient> gradients;  ///< [kNodes]
  explainn::cuda::SharedPiece<float> node_sums;             ///< [2][kNodes]
  explainn::cuda::SharedPiece<float> slopes;                ///< [kTileRows], dv
  explainn::cuda::SharedPiece<float> output_norm;  ///< [2]: mean and 1 / s of the last linear map
  explainn::cuda::SharedPiece<float> total;        ///< [100][kChunkRow]
  explainn::cuda::SharedPiece<double> of_warps;    ///< [64]
  explainn::cuda::SharedPiece<std::int32_t> flag;  ///< [1]
  /// One place after the other: shares of sums; score tables; final weights; gradients of products.
  explainn::cuda::SharedPiece<float> stage;

  // Of step `number`. Not by an index, which would put all of this struct into memory.
  __device__ std::uint32_t* bases_of(std::int64_t number) const {
    return number % 2 == 0 ? bases[0] : bases[1];
  }
  __device__ float* mean_of(std::int64_t number) const {
    return number % 2 == 0 ? mean[0] : mean[1];
  }
};

/// A step as one block sees it.
struct ChipStep {
  const ChipRun& run;
  int unit;
  bool has_unit;
  bool helps;           ///< makes batches and updates the final layer
  int helper, helpers;  ///< its number among those that do, and theirs
  std::int64_t number;  ///< of the step in this launch
  std::int64_t place;   ///< of its first row
  std::uint32_t step;   ///< the dropout's counter
  std::int64_t optimizer_step;
  std::int64_t tracked;
  LossSum loss;  ///< in the second warp
  std::int32_t counted;
  bool active, learns, stopped;
  long long clock;  ///< at the end of the phase before

  __device__ const StepSizes& sizes() const { return run.step.sizes; }
  __device__ const StepMemory& memory() const { return run.step.memory; }
  __device__ const UnitLayer& convolution() const { return run.step.layout.convolution; }
  __device__ const UnitLayer& hidden() const { return run.step.layout.layers[0]; }
  __device__ const UnitLayer& last() const { return run.step.layout.layers[1]; }
  /// Of the units, [rows, U].
  __device__ float* outputs() const { return run.memory.outputs[number % 2]; }
  __device__ const StepBatch& batch() const { return run.memory.batches[number % kChipBatches]; }

  __device__ static ChipStep first(const ChipRun& run) {
    const StepStatus& status = *run.step.memory.status;
    const int units = run.step.sizes.units;
    const int block = static_cast<int>(blockIdx.x);
    const int blocks = static_cast<int>(gridDim.x);
    const bool spare = blocks > units;
    return {.run = run,
            .unit = block,
            .has_unit = block < units,
            .helps = !spare || block >= units,
            .helper = spare ? block - units : block,
            .helpers = spare ? blocks - units : blocks,
            .number = 0,
            .place = status.place,
            .step = status.step,
            .optimizer_step = status.optimizer_step,
            .tracked = status.tracked,
            .loss = status.loss,
            .counted = 0,
            .active = false,
            .learns = false,
            .stopped = false,
            .clock = 0};
  }
  /// The end of a phase.
  __device__ void mark(ChipPhase phase) {
    if (run.memory.clocks == nullptr || blockIdx.x > 0) return;
    __syncthreads();
    if (threadIdx.x > 0) return;
    const long long now = clock64();
    run.memory.clocks[static_cast<int>(phase)] += now - clock;
    clock = now;
  }
  /// After the barrier behind the batch's making.
  __device__ void begin(std::int64_t i) {
    number = i;
    counted = __ldcg(run.memory.counted + i);
    active = counted > 0;
    learns = false;
  }
  /// By the second warp, before a barrier: the batch's loss, the same in all blocks.
  __device__ void add_loss(const ChipShared& shared) {
    double sum = 0;
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll 4
    for (int row = lane; row < sizes().rows; row += 32) {
      sum += __ldcg(memory().row_losses + row);
    }
    sum = warp_sum(sum);
    loss.sum += sum;
    loss.count += counted;
    if (lane == 0) *shared.flag = isfinite(sum) ? 1 : 0;
  }
  /// After it.
  __device__ void judge(const ChipShared& shared) {
    learns = *shared.flag != 0;
    stopped = !learns;
    ++tracked;
    if (learns) ++optimizer_step;
  }
  __device__ void end() {
    ++step;
    ++number;
    place += sizes().rows;
  }
  __device__ void store_status() const {
    if (threadIdx.x != 32) return;
    StepStatus& status = *memory().status;
    status.place = place;
    status.optimizer_step = optimizer_step;
    status.steps += number;
    status.tracked = tracked;
    status.loss = loss;
    status.step = step;
    status.stopped = stopped ? 1 : 0;
  }
};

/// The optimiser's step on single numbers.
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
  /// Of Adam: two neighbours, whose places are even.
  __device__ void pair(float2 gradient, float* w, float* m, float* v) const {
    float2& weights = *reinterpret_cast<float2*>(w);
    float2& first_moments = *reinterpret_cast<float2*>(m);
    float2& second_moments = *reinterpret_cast<float2*>(v);
    float2 a = weights;
    float2 b = first_moments;
    float2 c = second_moments;
    adam_number(rates, gradient.x, b.x, c.x, a.x);
    adam_number(rates, gradient.y, b.y, c.y, a.y);
    weights = a;
    first_moments = b;
    second_moments = c;
  }
  __device__ void operator()(float gradient, float& w, float& m, float& v) const {
    if (adam) {
      adam_number(rates, gradient, m, v, w);
    } else {
      sgd_number(lr, momentum, first, gradient, momentum != 0 ? &m : nullptr, w);
    }
  }
};

/// Distance of rows of turned pooled values: neighbouring inputs meet in no more than two lanes.
inline constexpr int kTurnedRow = 102;
/// Rows and pairs of nodes of a thread in the hidden layer's products: 50 x 10 threads.
inline constexpr int kChipRows = 2;
inline constexpr int kChipPairs = 5;
inline constexpr int kChipAlong = kNodes / (2 * kChipPairs);
inline constexpr int kRowGroups = kTileRows / kChipRows;

struct ChipPlace {
  int group;  ///< of rows
  int along;  ///< which pairs of nodes
  bool there;

  __device__ static ChipPlace of_thread() {
    const int thread = static_cast<int>(threadIdx.x);
    return {thread / kChipAlong, thread % kChipAlong, thread < kChipAlong * kRowGroups};
  }
  __device__ int row() const { return group * kChipRows; }
  /// The first node of pair j.
  __device__ int node(int j) const { return 2 * (along + kChipAlong * j); }
};

/// What a thread keeps of the hidden layer for the way back. Bit 10 r + 2 j + k: row r, node k of
/// pair j.
struct ChipProducts {
  float2 y[kChipRows][kChipPairs];
  std::uint32_t open;
};

/// The centre that is taken from a unit's pooled values: exp of its scores' mean. Any constant near
/// the values serves, since the layer's batch norm takes it away.
__device__ inline float pooled_centre(const ChipStep& at, const ChipShared& shared) {
  return exponential(shared.w[at.convolution().beta]);
}

__device__ inline PackedRow<false> chip_row(const ChipStep& at, const ChipShared& shared, int row) {
  return PackedRow<false>::of(shared.bases_of(at.number),
                              at.run.step.samples.unknown == nullptr ? nullptr : at.batch().unknown,
                              at.sizes().length, row);
}

/// Goes through rows and windows as one sequence without dividing.
struct RowWindow {
  int row, q;
  int row_step, q_step, pooled;

  __device__ static RowWindow of_thread(int pooled) {
    const int thread = static_cast<int>(threadIdx.x);
    const auto threads = static_cast<int>(blockDim.x);
    return {thread / pooled, thread % pooled, threads / pooled, threads % pooled, pooled};
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

}  // namespace explainn::kernels
