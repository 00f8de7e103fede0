// Device code of the kernel of many steps: the making of batches, and what comes into shared memory
// and goes back.
#pragma once

#include <cuda_pipeline.h>

#include "kernels/unit_pass/device_chip_step.h"
#include "kernels/unit_pass/device_gather.h"

namespace explainn::kernels {

/// Batch i of this launch from the packed samples.
__device__ inline void gather_rows(const ChipStep& at, std::int64_t i) {
  if (!at.helps) return;
  StepBatch batch = at.run.memory.batches[i % kChipBatches];
  batch.counted = at.run.memory.counted + i;
  const std::int64_t first = at.place + (i - at.number) * at.sizes().rows;
  const int words = static_cast<int>(base_words(at.sizes().length));
  const int tasks = words * at.sizes().row_words();
  const int warps = kChipThreads / 32;
  for (int task = at.helper * warps + static_cast<int>(threadIdx.x) / 32; task < tasks;
       task += at.helpers * warps) {
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
  for (int t = static_cast<int>(threadIdx.x); t < sizes.length; t += kChipThreads) {
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
  for (int i = static_cast<int>(threadIdx.x) / 32; i < kCounts; i += kChipThreads / 32) {
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
  if (!at.helps) return;
  const StepSizes& sizes = at.sizes();
  const StepBatch& batch = at.run.memory.batches[i % kChipBatches];
  const ChipMoments& to = at.run.memory.moments[i % kChipMoments];
  std::int32_t* const of_places =
      reinterpret_cast<std::int32_t*>(static_cast<float*>(shared.stage));
  std::int32_t* const of_starts = of_places + sizes.length * kCountPitch;
  const double windows = static_cast<double>(sizes.rows) * sizes.positions;
  const int entries = sizes.letters();
  for (int lag = at.helper; lag < sizes.filter; lag += at.helpers) {
    __syncthreads();
    count_places(sizes, batch, lag, of_places);
    __syncthreads();
    sum_windows(sizes, of_places, of_starts);
    __syncthreads();
    for (int task = static_cast<int>(threadIdx.x); task < (sizes.filter - lag) * 16;
         task += kChipThreads) {
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
      // At no lag the mirror image has a thread of its own.
      if (lag > 0) to.covariance[other * entries + one] = value;
      if (lag == 0 && a == b) to.mean[one] = static_cast<float>(mean_a);
    }
  }
}

/// Asks for bases and moments of batch i; they are there after __pipeline_wait_prior(0) and a
/// barrier. Bases and means of the batch before stay.
__device__ inline void ask_for_batch(const ChipStep& at, std::int64_t i, const ChipShared& shared) {
  const int thread = static_cast<int>(threadIdx.x);
  const int entries = at.sizes().letters();
  const ChipMoments& moments = at.run.memory.moments[i % kChipMoments];
  for (int j = 4 * thread; j < entries * entries; j += 4 * kChipThreads) {
    __pipeline_memcpy_async(shared.covariance + j, moments.covariance + j, 4 * sizeof(float));
  }
  for (int j = 4 * thread; j < entries; j += 4 * kChipThreads) {
    __pipeline_memcpy_async(shared.mean_of(i) + j, moments.mean + j, 4 * sizeof(float));
  }
  const int words = at.sizes().rows * static_cast<int>(base_words(at.sizes().length));
  const std::uint32_t* const bases = at.run.memory.batches[i % kChipBatches].bases;
  for (int j = thread; j < words; j += kChipThreads) {
    __pipeline_memcpy_async(shared.bases_of(i) + j, bases + j, sizeof(std::uint32_t));
  }
  __pipeline_commit();
}

/// The unit's numbers come into shared memory; all rows and inputs that are not there are 0.
__device__ inline void load_unit(const ChipStep& at, const ChipShared& shared) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < kTileRows * kChunk; i += kChipThreads) shared.x[i] = 0;
  for (int i = thread; i < kChunk * kTurnedRow; i += kChipThreads) shared.turned_x[i] = 0;
  if (thread < kTileRows) shared.slopes[thread] = 0;
  if (thread < 4) {
    const auto words = at.sizes().rows * base_words(at.sizes().length);
    shared.bases_of(thread / 2)[words + thread % 2] = 0;
  }
  const std::int64_t size = at.run.step.layout.parameters;
  const TrainedNumbers& units = at.memory().units;
  const std::int64_t first = at.unit * size;
  for (std::int64_t i = thread; i < size; i += kChipThreads) {
    shared.w[i] = units.values[first + i];
    shared.m[i] = units.first == nullptr ? 0.0F : units.first[first + i];
    shared.v[i] = units.second == nullptr ? 0.0F : units.second[first + i];
  }
  const std::int64_t statistics = at.run.step.layout.statistics;
  for (std::int64_t i = thread; i < statistics; i += kChipThreads) {
    shared.statistics[i] = at.memory().statistics[at.unit * statistics + i];
  }
}

/// .. and go back.
__device__ inline void store_unit(const ChipStep& at, const ChipShared& shared) {
  __syncthreads();
  const std::int64_t size = at.run.step.layout.parameters;
  const TrainedNumbers& units = at.memory().units;
  const std::int64_t first = at.unit * size;
  for (std::int64_t i = threadIdx.x; i < size; i += kChipThreads) {
    units.values[first + i] = shared.w[i];
    if (units.first != nullptr) units.first[first + i] = shared.m[i];
    if (units.second != nullptr) units.second[first + i] = shared.v[i];
  }
  const std::int64_t statistics = at.run.step.layout.statistics;
  for (std::int64_t i = threadIdx.x; i < statistics; i += kChipThreads) {
    at.memory().statistics[at.unit * statistics + i] = shared.statistics[i];
  }
}

}  // namespace explainn::kernels
