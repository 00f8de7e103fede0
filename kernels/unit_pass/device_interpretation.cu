// What interpretation asks of every window: its activation, whether that is the largest or beyond a
// threshold. All kernels see the same activations, bit by bit.
#include <cuda_runtime.h>

#include "kernels/cuda/block.h"
#include "kernels/cuda/launch.h"
#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_window_scores.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::kFullWarp;
using explainn::cuda::launch;

namespace {

constexpr int kThreads = 256;
constexpr int kPaperFilter = 19;
constexpr int kLetters = 5;

// A run of windows of a row of a tile.
struct RunPlace {
  int row, first, count;
};

__device__ RunPlace run_place(int positions, int i) {
  const int runs = (positions + kRun - 1) / kRun;
  const int first = i % runs * kRun;
  return {i / runs, first, min(kRun, positions - first)};
}

// By one block: body(run, i, there) for all runs of a tile's rows; all lanes of a warp come
// together, also those without a run.
template <typename Body>
__device__ void each_run(int positions, int rows, const Body& body) {
  const int runs = (positions + kRun - 1) / kRun * rows;
  for (int base = static_cast<int>(threadIdx.x) / 32 * 32; base < runs; base += kThreads) {
    const int i = base + static_cast<int>(threadIdx.x) % 32;
    body(run_place(positions, i), i < runs);
  }
}

__device__ StrandSample sample_of(const SampleRange& range, int tile, int row) {
  return StrandSample::of(range.samples, range.first + tile * kTileRows + row);
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    activations_kernel(const FoldedUnits net, const SampleRange range, float* activations) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_chunks(net.filter) * kChunkRows * net.copies);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(
      net.filter, net.copies, net.letters + unit * 4 * net.filter, net.shifts[unit], tables);
  __syncthreads();
  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < range.rows;
       tile += static_cast<int>(gridDim.y)) {
    const int rows = min(kTileRows, range.rows - tile * kTileRows);
    each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
      if (!there) return;
      const std::int64_t row = static_cast<std::int64_t>(tile) * kTileRows + at.row;
      float* const to = activations + (row * net.units + unit) * net.positions + at.first;
      scorer.run(sample_of(range, tile, at.row), at.first, at.count,
                 [&](int p, float score) { to[p] = exponential(score); });
    });
  }
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    maxima_kernel(const FoldedUnits net, const SampleRange range, float* maxima) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_chunks(net.filter) * kChunkRows * net.copies);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(
      net.filter, net.copies, net.letters + unit * 4 * net.filter, net.shifts[unit], tables);
  __syncthreads();
  float largest = 0;
  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < range.rows;
       tile += static_cast<int>(gridDim.y)) {
    const int rows = min(kTileRows, range.rows - tile * kTileRows);
    each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
      if (!there) return;
      scorer.run(sample_of(range, tile, at.row), at.first, at.count, [&](int, float score) {
        const float activation = exponential(score);
        largest = activation > largest ? activation : largest;  // passes over NaN
      });
    });
  }
  for (int distance = 16; distance > 0; distance /= 2) {
    largest = fmaxf(largest, __shfl_xor_sync(kFullWarp, largest, distance));
  }
  // Numbers of at least 0 are in the order of their bits.
  if (threadIdx.x % 32 == 0) {
    atomicMax(reinterpret_cast<int*>(maxima) + unit, __float_as_int(largest));
  }
}

// By one warp: the letters of windows of one row, `hits` holding a bit for each window from `first`
// on; lanes take places of the filter.
__device__ void add_letters(int filter, const StrandSample& sample, int first, unsigned hits,
                            unsigned* letters) {
  for (; hits != 0; hits &= hits - 1) {
    const int t = first + __ffs(static_cast<int>(hits)) - 1;
    for (int k = static_cast<int>(threadIdx.x) % 32; k < filter; k += 32) {
      const bool unknown = (sample.unknown.bits(t + k) & 1U) != 0;
      const int base = unknown ? kLetters - 1 : static_cast<int>(sample.row.bases(t + k) & 3U);
      atomicAdd(&letters[k * kLetters + base], 1U);
    }
  }
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    sites_kernel(const FoldedUnits net, const SampleRange range, const float* thresholds,
                 unsigned long long* all_letters, unsigned long long* sites, std::uint8_t* fired) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_chunks(net.filter) * kChunkRows * net.copies);
  const auto letters = shared.take<unsigned>(net.filter * kLetters);
  const auto sites_of_row = shared.take<unsigned>(kTileRows);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(
      net.filter, net.copies, net.letters + unit * 4 * net.filter, net.shifts[unit], tables);
  const float threshold = thresholds[unit];
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < net.filter * kLetters; i += kThreads) letters[i] = 0;
  unsigned found = 0;  // in the row of this thread's number, over all tiles
  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < range.rows;
       tile += static_cast<int>(gridDim.y)) {
    const int rows = min(kTileRows, range.rows - tile * kTileRows);
    if (thread < kTileRows) sites_of_row[thread] = 0;
    __syncthreads();
    each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
      unsigned hits = 0;
      if (there) {
        scorer.run(sample_of(range, tile, at.row), at.first, at.count, [&](int p, float score) {
          if (exponential(score) > threshold) hits |= 1U << p;
        });
        if (hits != 0) atomicAdd(&sites_of_row[at.row], static_cast<unsigned>(__popc(hits)));
      }
      for (unsigned lanes = __ballot_sync(kFullWarp, hits != 0); lanes != 0; lanes &= lanes - 1) {
        const int lane = __ffs(static_cast<int>(lanes)) - 1;
        const int row = __shfl_sync(kFullWarp, at.row, lane);
        const int first = __shfl_sync(kFullWarp, at.first, lane);
        const unsigned of_lane = __shfl_sync(kFullWarp, hits, lane);
        add_letters(net.filter, sample_of(range, tile, row), first, of_lane, letters);
      }
    });
    __syncthreads();
    if (thread < rows) {
      found += sites_of_row[thread];
      if (fired != nullptr) {
        fired[(static_cast<std::int64_t>(tile) * kTileRows + thread) * net.units + unit] =
            sites_of_row[thread] > 0 ? 1 : 0;
      }
    }
  }
  __syncthreads();
  for (int i = thread; i < net.filter * kLetters; i += kThreads) {
    if (letters[i] > 0) {
      atomicAdd(&all_letters[unit * net.filter * kLetters + i],
                static_cast<unsigned long long>(letters[i]));
    }
  }
  if (found > 0) atomicAdd(&sites[unit], static_cast<unsigned long long>(found));
}

// The kernel for the paper's filter, or the general one.
template <typename Kernel, typename... Arguments>
void launch_scan(Kernel* paper, Kernel* general, std::int64_t more_bytes, const FoldedUnits& net,
                 const SampleRange& range, Arguments... arguments) {
  const bool suits = net.filter == kPaperFilter && net.copies == kLanes;
  const std::int64_t bytes = inference_table_bytes(net.filter, net.copies) + more_bytes;
  launch(suits ? paper : general,
         {.grid = {static_cast<unsigned>(net.units), static_cast<unsigned>(range.parts)},
          .block = kThreads,
          .shared_bytes = static_cast<std::size_t>(bytes)},
         net, range, arguments...);
}

}  // namespace

void find_activations(const FoldedUnits& net, const SampleRange& range, float* activations) {
  launch_scan(activations_kernel<kPaperFilter>, activations_kernel<0>, 0, net, range, activations);
}

void find_maxima(const FoldedUnits& net, const SampleRange& range, float* maxima) {
  launch_scan(maxima_kernel<kPaperFilter>, maxima_kernel<0>, 0, net, range, maxima);
}

void find_sites(const FoldedUnits& net, const SampleRange& range, const float* thresholds,
                unsigned long long* letters, unsigned long long* sites, std::uint8_t* fired) {
  const std::int64_t bytes = (std::int64_t{kLetters} * net.filter + kTileRows + 8) * 4;
  launch_scan(sites_kernel<kPaperFilter>, sites_kernel<0>, bytes, net, range, thresholds, letters,
              sites, fired);
}

}  // namespace explainn::kernels
