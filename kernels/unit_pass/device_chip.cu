#include "kernels/unit_pass/device_chip.h"

#include <cuda_runtime.h>

#include "kernels/cuda/grid_barrier.h"
#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_chip_backward.h"
#include "kernels/unit_pass/device_chip_batch.h"
#include "kernels/unit_pass/device_chip_forward.h"
#include "kernels/unit_pass/device_chip_head.h"

namespace explainn::kernels {

using explainn::cuda::check;
using explainn::cuda::DynamicShared;
using explainn::cuda::GridBarrier;
using explainn::cuda::launch;

namespace {

// Floats of ChipShared::stage, the largest of what is there one after the other.
__host__ __device__ std::int64_t stage_floats(const StepSizes& sizes) {
  std::int64_t most = score_table_size(sizes.filter);
  const auto raise = [&most](std::int64_t size) {
    if (size > most) most = size;
  };
  raise(2 * kTileRows * kNodes + kNodes * kChunkRow);
  raise(head_stage(sizes));
  raise(pair_stage(sizes));
  raise(sum_table_size(sizes.filter) + kEntryShares * sizes.letters());
  return most;
}

// Takes all pieces; `Taker` hands them out or counts them.
EITHER_SIDE
template <typename Taker>
__host__ __device__ ChipShared take_shared(Taker& taker, const Step& step) {
  const StepSizes& sizes = step.sizes;
  const std::int64_t letters = sizes.letters();
  ChipShared s{};
  s.w = taker.template take<float>(step.layout.parameters);
  s.m = taker.template take<float>(step.layout.parameters);
  s.v = taker.template take<float>(step.layout.parameters);
  s.statistics = taker.template take<float>(step.layout.statistics);
  s.covariance = taker.template take<float>(letters * letters);
  for (int i = 0; i < 2; ++i) {
    s.mean[i] = taker.template take<float>(letters);
    s.bases[i] = taker.template take<std::uint32_t>(sizes.rows * base_words(sizes.length) + 2);
  }
  s.covariance_filter = taker.template take<float>(letters);
  s.x = taker.template take<float>(kTileRows * kChunk);
  s.turned_x = taker.template take<float>(kChunk * kTurnedRow);
  s.offsets = taker.template take<std::uint8_t>(kTileRows * kChunk);
  s.nodes = taker.template take<ChipNode>(kNodes);
  s.gradients = taker.template take<ChipNodeGradient>(kNodes);
  s.node_sums = taker.template take<float>(2 * kNodes);
  s.slopes = taker.template take<float>(kTileRows);
  s.output_norm = taker.template take<float>(2);
  s.total = taker.template take<float>(100 * kChunkRow);
  s.of_warps = taker.template take<double>(64);
  s.flag = taker.template take<std::int32_t>(1);
  s.stage = taker.template take<float>(stage_floats(sizes));
  return s;
}

// Counts as DynamicShared does.
struct SharedCounter {
  std::size_t bytes = 0;
  template <typename T>
  __host__ __device__ explainn::cuda::SharedPiece<T> take(std::int64_t count) {
    bytes += (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
    return {};
  }
};

__global__ void __launch_bounds__(kChipThreads, 1) chip_kernel(const ChipRun run) {
  DynamicShared dynamic;
  const ChipShared shared = take_shared(dynamic, run.step);
  GridBarrier barrier(run.memory.arrived);
  const ChipPlace place = ChipPlace::of_thread();
  ChipStep at = ChipStep::first(run);
  if (at.has_unit) load_unit(at, shared);
  std::uint32_t kept = 0;
  at.clock = clock64();
  // One round before the first step makes its batch.
  for (std::int64_t i = -1; i < run.steps; ++i) {
    const bool steps = i >= 0;
    const bool more = i + 1 < run.steps;
    if (steps) at.begin(i);
    ChipProducts products{};
    FoldedFilter folded{};
    float linear[kLaneRows] = {};
    __pipeline_wait_prior(0);
    __syncthreads();
    if (at.has_unit && at.active) folded = forward_unit(at, shared, kept, products, linear);
    if (at.helps && more) gather_rows(at, i + 1);
    barrier.arrive();
    at.mark(ChipPhase::output);
    if (at.has_unit) kept = kept_products(at, place, steps ? at.step + 1 : at.step);
    barrier.wait();
    at.mark(ChipPhase::wait_outputs);
    if (at.active) judge_rows(at, shared);
    if (at.helps && more) count_moments(at, i + 1, shared);
    at.mark(ChipPhase::judge);
    barrier.arrive();
    barrier.wait();
    at.mark(ChipPhase::wait_rows);
    if (at.has_unit && more) ask_for_batch(at, i + 1, shared);
    if (at.active) {
      OutputSums of_output{};
      if (at.has_unit && threadIdx.x < 32) of_output = output_back(at, shared, linear);
      if (threadIdx.x / 32 == 1) at.add_loss(shared);
      __syncthreads();
      at.judge(shared);
      if (at.learns && at.has_unit) backward_unit(at, shared, products, folded, of_output);
      if (at.learns) update_final(at, shared);
    }
    if (steps) at.end();
    if (at.stopped) break;
  }
  __pipeline_wait_prior(0);
  if (at.has_unit) store_unit(at, shared);
  if (blockIdx.x == 0) at.store_status();
}

}  // namespace

ChipSizes chip_sizes(const Step& step) {
  const StepSizes& sizes = step.sizes;
  constexpr int kMostOffsets = 256;  // that a byte holds
  if (sizes.layer_count != 2 || sizes.rows > kTileRows || sizes.pooled > kChunk ||
      sizes.pool > kMostOffsets) {
    return {};
  }
  SharedCounter counter;
  (void)take_shared(counter, step);
  int device = 0;
  int processors = 0;
  int most_shared = 0;
  int cooperative = 0;
  check(cudaGetDevice(&device));
  check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));
  check(cudaDeviceGetAttribute(&most_shared, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  check(cudaDeviceGetAttribute(&cooperative, cudaDevAttrCooperativeLaunch, device));
  const bool fits = cooperative != 0 && sizes.units <= processors &&
                    counter.bytes <= static_cast<std::size_t>(most_shared);
  // Rows are dealt out to all blocks, so there are no fewer blocks than rows where possible.
  return {.blocks = fits ? processors : 0, .shared_bytes = counter.bytes};
}

void run_on_chip(const ChipRun& run, const ChipSizes& sizes) {
  check(cudaMemsetAsync(run.memory.arrived, 0, sizeof(unsigned), explainn::cuda::stream()));
  check(cudaMemsetAsync(run.memory.counted, 0,
                        static_cast<std::size_t>(run.steps) * sizeof(std::int32_t),
                        explainn::cuda::stream()));
  launch(chip_kernel,
         {.grid = static_cast<unsigned>(sizes.blocks),
          .block = kChipThreads,
          .shared_bytes = sizes.shared_bytes,
          .cooperative = true},
         run);
}

}  // namespace explainn::kernels
