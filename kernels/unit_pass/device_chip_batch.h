// Device code of the kernel of many steps: which step it is, and the making of batches.
#pragma once

#include "kernels/unit_pass/device_chip.h"
#include "kernels/unit_pass/device_fold.h"
#include "kernels/unit_pass/device_gather.h"
#include "kernels/unit_pass/device_nodes.h"
#include "kernels/unit_pass/device_optimizer.h"

namespace explainn::kernels {

/// A step as one block sees it.
struct ChipStep {
  const ChipRun& run;
  int unit;
  bool has_unit;
  bool prepares;        ///< makes batches
  int worker, workers;  ///< its number among those that do, and theirs
  std::int64_t number;  ///< of the step in this launch
  std::int64_t place;   ///< of its first row
  std::uint32_t step;   ///< the dropout's counter
  std::int64_t optimizer_step;
  std::int64_t tracked;
  LossSum loss;
  std::int32_t counted;
  bool active, learns, stopped;
  long long clock;  ///< at the end of the phase before

  __device__ const StepSizes& sizes() const { return run.step.sizes; }
  __device__ const StepMemory& memory() const { return run.step.memory; }
  __device__ const StepBatch& batch() const { return run.memory.batches[number % kChipBatches]; }
  __device__ const ChipMoments& moments() const {
    return run.memory.moments[number % kChipMoments];
  }

  __device__ static ChipStep first(const ChipRun& run) {
    const StepStatus& status = *run.step.memory.status;
    const int units = run.step.sizes.units;
    const int block = static_cast<int>(blockIdx.x);
    const int blocks = static_cast<int>(gridDim.x);
    const bool spare = blocks > units;
    return {.run = run,
            .unit = block,
            .has_unit = block < units,
            .prepares = !spare || block >= units,
            .worker = spare ? block - units : block,
            .workers = spare ? blocks - units : blocks,
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
  /// A thread's share of the batch's loss.
  __device__ double loss_share() const {
    double sum = 0;
    for (int row = static_cast<int>(threadIdx.x); row < sizes().rows; row += kTileThreads) {
      sum += __ldcg(memory().row_losses + row);
    }
    return sum;
  }
  /// By the whole block: the batch's loss, the same in all blocks.
  __device__ void judge(double share, const ChipShared& shared) {
    const double sum = explainn::cuda::block_sum(share, shared.of_warps);
    learns = isfinite(sum);
    stopped = !learns;
    loss.sum += sum;
    loss.count += counted;
    ++tracked;
    if (learns) ++optimizer_step;
  }
  __device__ void end() {
    ++step;
    ++number;
    place += sizes().rows;
  }
  __device__ void store_status() const {
    if (threadIdx.x > 0) return;
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

/// Batch i of this launch from the packed samples.
__device__ inline void gather_rows(const ChipStep& at, std::int64_t i) {
  if (!at.prepares) return;
  StepBatch batch = at.run.memory.batches[i % kChipBatches];
  batch.counted = at.run.memory.counted + i;
  const std::int64_t first = at.place + (i - at.number) * at.sizes().rows;
  const int words = static_cast<int>(base_words(at.sizes().length));
  const int tasks = words * at.sizes().row_words();
  const int warps = kTileThreads / 32;
  for (int task = at.worker * warps + static_cast<int>(threadIdx.x) / 32; task < tasks;
       task += at.workers * warps) {
    gather_word(at.run.step, batch, first, task % words, task / words);
  }
}

/// Counts of single bases and of pairs, of one place and of one start of a window.
inline constexpr int kCounts = 20;
inline constexpr int kCountPitch = 21;

/// Numbers of 4 bytes that count_moments keeps in ChipShared::stage.
EXPLAINN_HOST_DEVICE constexpr std::int64_t pair_stage(const StepSizes& sizes) {
  return (static_cast<std::int64_t>(sizes.length) + sizes.filter) * kCountPitch;
}

/// of_places [L][kCountPitch]: rows with base i at t (first 4; for t up to the last), rows with
/// base i / 4 at t and base i % 4 at t + lag (16 more).
__device__ inline void count_places(const StepSizes& sizes, const StepBatch& batch, int lag,
                                    std::int32_t* of_places) {
  const uint4* const planes = reinterpret_cast<const uint4*>(batch.planes);
  for (int t = static_cast<int>(threadIdx.x); t < sizes.length; t += kTileThreads) {
    std::int32_t count[kCounts] = {};
    for (int word = 0; word < sizes.row_words(); ++word) {
      const uint4 here = __ldcg(planes + static_cast<std::int64_t>(word) * sizes.length + t);
      const int other = t + lag < sizes.length ? t + lag : t;
      const uint4 there = __ldcg(planes + static_cast<std::int64_t>(word) * sizes.length + other);
      const std::uint32_t a[4] = {here.x, here.y, here.z, here.w};
      const std::uint32_t b[4] = {there.x, there.y, there.z, there.w};
#pragma unroll
      for (int i = 0; i < 4; ++i) count[i] += __popc(a[i]);
#pragma unroll
      for (int i = 0; i < 16; ++i) count[4 + i] += __popc(a[i / 4] & b[i % 4]);
    }
#pragma unroll
    for (int i = 0; i < kCounts; ++i) of_places[t * kCountPitch + i] = count[i];
  }
}

/// of_starts [K][kCountPitch]: sums over the n windows' places from each start on.
__device__ inline void sum_windows(const StepSizes& sizes, const std::int32_t* of_places,
                                   std::int32_t* of_starts) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = static_cast<int>(threadIdx.x) / 32; i < kCounts; i += kTileThreads / 32) {
    std::int32_t sum = 0;
    for (int t = lane; t < sizes.positions; t += 32) sum += of_places[t * kCountPitch + i];
    sum = explainn::cuda::warp_sum(sum);
    if (lane == 0) of_starts[i] = sum;
  }
  __syncthreads();
  const int i = static_cast<int>(threadIdx.x);
  if (i >= kCounts) return;
  std::int32_t sum = of_starts[i];
  for (int j = 1; j < sizes.filter; ++j) {
    sum += of_places[(j - 1 + sizes.positions) * kCountPitch + i] -
           of_places[(j - 1) * kCountPitch + i];
    of_starts[j * kCountPitch + i] = sum;
  }
}

/// Mean and covariance of the windows of batch i, a lag a block at a time.
__device__ inline void count_moments(const ChipStep& at, std::int64_t i, const ChipShared& shared) {
  if (!at.prepares) return;
  const StepSizes& sizes = at.sizes();
  const StepBatch& batch = at.run.memory.batches[i % kChipBatches];
  const ChipMoments& to = at.run.memory.moments[i % kChipMoments];
  std::int32_t* const of_places = reinterpret_cast<std::int32_t*>(shared.stage);
  std::int32_t* const of_starts = of_places + sizes.length * kCountPitch;
  const double windows = static_cast<double>(sizes.rows) * sizes.positions;
  const int entries = sizes.letters();
  for (int lag = at.worker; lag < sizes.filter; lag += at.workers) {
    __syncthreads();
    count_places(sizes, batch, lag, of_places);
    __syncthreads();
    sum_windows(sizes, of_places, of_starts);
    __syncthreads();
    for (int task = static_cast<int>(threadIdx.x); task < (sizes.filter - lag) * 16;
         task += kTileThreads) {
      const int j = task / 16;
      const int a = task % 16 / 4;
      const int b = task % 4;
      const double mean_a = of_starts[j * kCountPitch + a] / windows;
      const double mean_b = of_starts[(j + lag) * kCountPitch + b] / windows;
      const auto value = static_cast<float>(of_starts[j * kCountPitch + 4 + task % 16] / windows -
                                            mean_a * mean_b);
      const int one = 4 * j + a;
      const int other = 4 * (j + lag) + b;
      to.covariance[one * entries + other] = value;
      to.covariance[other * entries + one] = value;
      if (lag == 0 && a == b) to.mean[one] = static_cast<float>(mean_a);
    }
  }
}

/// Words of a row of ChipShared::bases: two more than there are, which are 0.
EXPLAINN_HOST_DEVICE constexpr std::int64_t row_pitch(const StepSizes& sizes) {
  return base_words(sizes.length) + 2;
}

/// The unit's numbers come into shared memory ..
__device__ inline void load_unit(const ChipStep& at, const ChipShared& shared) {
  const auto pitch = static_cast<int>(row_pitch(at.sizes()));
  for (int i = static_cast<int>(threadIdx.x); i < at.sizes().rows * pitch; i += kTileThreads) {
    shared.bases[i] = 0;
  }
  const std::int64_t size = at.run.step.layout.parameters;
  const TrainedNumbers& units = at.memory().units;
  const std::int64_t first = at.unit * size;
  for (std::int64_t i = threadIdx.x; i < size; i += kTileThreads) {
    shared.w[i] = units.values[first + i];
    shared.m[i] = units.first == nullptr ? 0.0F : units.first[first + i];
    shared.v[i] = units.second == nullptr ? 0.0F : units.second[first + i];
  }
  const std::int64_t statistics = at.run.step.layout.statistics;
  for (std::int64_t i = threadIdx.x; i < statistics; i += kTileThreads) {
    shared.statistics[i] = at.memory().statistics[at.unit * statistics + i];
  }
  const TrainedNumbers& final_weight = at.memory().final_weight;
  for (int t = static_cast<int>(threadIdx.x); t < at.sizes().tasks; t += kTileThreads) {
    const std::int64_t from = static_cast<std::int64_t>(t) * at.sizes().units + at.unit;
    float* const to = shared.final_ + 3 * t;
    to[0] = final_weight.values[from];
    to[1] = final_weight.first == nullptr ? 0.0F : final_weight.first[from];
    to[2] = final_weight.second == nullptr ? 0.0F : final_weight.second[from];
  }
}

/// .. and go back. Final weights are written by every step.
__device__ inline void store_unit(const ChipStep& at, const ChipShared& shared) {
  __syncthreads();
  const std::int64_t size = at.run.step.layout.parameters;
  const TrainedNumbers& units = at.memory().units;
  const std::int64_t first = at.unit * size;
  for (std::int64_t i = threadIdx.x; i < size; i += kTileThreads) {
    units.values[first + i] = shared.w[i];
    if (units.first != nullptr) units.first[first + i] = shared.m[i];
    if (units.second != nullptr) units.second[first + i] = shared.v[i];
  }
  const std::int64_t statistics = at.run.step.layout.statistics;
  for (std::int64_t i = threadIdx.x; i < statistics; i += kTileThreads) {
    at.memory().statistics[at.unit * statistics + i] = shared.statistics[i];
  }
  const TrainedNumbers& final_weight = at.memory().final_weight;
  for (int t = static_cast<int>(threadIdx.x); t < at.sizes().tasks; t += kTileThreads) {
    const std::int64_t to = static_cast<std::int64_t>(t) * at.sizes().units + at.unit;
    if (final_weight.first != nullptr) final_weight.first[to] = shared.final_[3 * t + 1];
    if (final_weight.second != nullptr) final_weight.second[to] = shared.final_[3 * t + 2];
  }
}

}  // namespace explainn::kernels
