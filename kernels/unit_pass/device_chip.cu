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
__host__ __device__ std::size_t stage_floats(const StepSizes& sizes) {
  std::size_t most = static_cast<std::size_t>(score_table_size(sizes.filter));
  const auto raise = [&most](std::int64_t size) {
    if (static_cast<std::size_t>(size) > most) most = static_cast<std::size_t>(size);
  };
  raise(2 * kTileRows * kNodes + kNodes * kChunkRow);
  raise(head_stage(sizes));
  raise(static_cast<std::int64_t>(sizes.rows) * sizes.tasks + std::int64_t{16} * sizes.tasks);
  raise(pair_stage(sizes));
  raise(static_cast<std::int64_t>(sizes.letters()) * (sizes.letters() + 1 + kRowShares));
  return most;
}

// Takes all pieces; `Taker` hands them out or counts them.
EITHER_SIDE
template <typename Taker>
__host__ __device__ ChipShared take_shared(Taker& taker, const Step& step) {
  const StepSizes& sizes = step.sizes;
  const std::int64_t letters = sizes.letters();
  ChipShared s{};
  s.covariance_filter = taker.template take<double>(letters);
  s.windows = taker.template take<double>(letters + 1);
  s.inverse_s = taker.template take<double>(kNodes);
  s.node_sums = taker.template take<double>(3 * kNodes);
  s.of_warps = taker.template take<double>(4 * 32);
  s.score_norm = taker.template take<ScoreNorm>(1);
  s.w = taker.template take<float>(step.layout.parameters);
  s.m = taker.template take<float>(step.layout.parameters);
  s.v = taker.template take<float>(step.layout.parameters);
  s.final_ = taker.template take<float>(3 * sizes.tasks);
  s.statistics = taker.template take<float>(step.layout.statistics);
  s.x = taker.template take<float>(kTileRows * kChunkRow);
  s.turned_x = taker.template take<float>(kTileRows * kChunk);
  s.centres = taker.template take<float>(kChunk);
  s.letters = taker.template take<float>(letters);
  s.shift = taker.template take<float>(1);
  s.nodes = taker.template take<NodeNorm>(kNodes);
  s.linear = taker.template take<float>(kTileRows);
  s.outputs = taker.template take<float>(kTileRows);
  s.slopes = taker.template take<float>(kTileRows);
  s.total = taker.template take<float>(100 * kChunkRow);
  s.tables = taker.template take<std::int32_t>(sum_table_size(sizes.filter));
  s.bases = taker.template take<std::uint32_t>(sizes.rows * row_pitch(sizes));
  s.offsets = taker.template take<std::uint16_t>(kTileRows * kChunk);
  s.stage_size = stage_floats(sizes);
  s.stage = taker.template take<float>(static_cast<std::int64_t>(s.stage_size));
  return s;
}

// Counts as DynamicShared does.
struct SharedCounter {
  std::size_t bytes = 0;
  template <typename T>
  __host__ __device__ T* take(std::int64_t count) {
    bytes += (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
    return nullptr;
  }
};

__global__ void __launch_bounds__(kTileThreads, 1) chip_kernel(const ChipRun run) {
  DynamicShared dynamic;
  const ChipShared shared = take_shared(dynamic, run.step);
  GridBarrier barrier(run.memory.arrived);
  ChipStep at = ChipStep::first(run);
  if (at.has_unit) load_unit(at, shared);
  gather_rows(at, 0);
  barrier.wait();
  count_moments(at, 0, shared);
  barrier.wait();
  at.clock = clock64();
  for (std::int64_t i = 0; i < run.steps; ++i) {
    at.begin(i);
    Products products{};
    if (at.has_unit && at.active) forward_unit(at, shared, products);
    if (at.prepares && i + 1 < run.steps) gather_rows(at, i + 1);
    at.mark(ChipPhase::output);
    barrier.wait();
    at.mark(ChipPhase::wait_outputs);
    if (at.active) judge_rows(at, shared);
    if (at.prepares && i + 1 < run.steps) count_moments(at, i + 1, shared);
    at.mark(ChipPhase::judge);
    barrier.wait();
    at.mark(ChipPhase::wait_rows);
    if (at.active) {
      const Asked asked = Asked::by(at);
      at.judge(asked.loss, shared);
      if (at.learns && at.has_unit) backward_unit(at, shared, products, asked);
    }
    at.end();
    if (at.stopped) break;
  }
  if (at.has_unit) store_unit(at, shared);
  if (blockIdx.x == 0) at.store_status();
}

}  // namespace

ChipSizes chip_sizes(const Step& step) {
  const StepSizes& sizes = step.sizes;
  if (sizes.layer_count != 2 || sizes.rows > kTileRows || sizes.pooled > kChunk) return {};
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
          .block = kTileThreads,
          .shared_bytes = sizes.shared_bytes,
          .cooperative = true},
         run);
}

}  // namespace explainn::kernels
