// What interpretation asks of every window: its activation, whether that is the largest or beyond a
// threshold. All kernels see the same activations, bit by bit.
#include <cuda_runtime.h>

#include "kernels/cuda/block.h"
#include "kernels/cuda/launch.h"
#include "kernels/elementwise/functors.h"
#include "kernels/unit_pass/device_window_scores.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::kFullWarp;
using explainn::cuda::launch;

namespace {

constexpr int kThreads = 256;
constexpr int kLetters = 5;

// A run of windows: its row within a tile, its first window, how many.
struct RunPlace {
  int row, first, count;
};

// By one block: body(run, there) for all runs of a tile's rows; all lanes of a warp come together,
// also those without a run.
template <typename Body>
__device__ void each_run(int positions, int rows, const Body& body) {
  const int runs = (positions + kRun - 1) / kRun;
  for (int base = static_cast<int>(threadIdx.x) / 32 * 32; base < runs * rows; base += kThreads) {
    const int i = base + static_cast<int>(threadIdx.x) % 32;
    const int first = i % runs * kRun;
    body(RunPlace{i / runs, first, min(kRun, positions - first)}, i < runs * rows);
  }
}

// body(number of the tile's first row, its rows) for the tiles of a block.
template <typename Body>
__device__ void each_tile(const WindowRows& samples, const Body& body) {
  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < samples.rows;
       tile += static_cast<int>(gridDim.y)) {
    body(tile * kTileRows, min(kTileRows, samples.rows - tile * kTileRows));
  }
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    activations_kernel(const FoldedUnits net, const WindowRows samples, float* activations) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_table_size(net.filter, net.copies));
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(net, unit, tables);
  __syncthreads();
  each_tile(samples, [&](int first_row, int rows) {
    each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
      if (!there) return;
      const int row = first_row + at.row;
      float* const to =
          activations + (static_cast<std::int64_t>(row) * net.units + unit) * net.positions;
      scorer.run(window_row(samples, row), at.first, at.count,
                 [&](int p, float score) { to[at.first + p] = exponential(score); });
    });
  });
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    maxima_kernel(const FoldedUnits net, const WindowRows samples, float* maxima) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_table_size(net.filter, net.copies));
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(net, unit, tables);
  __syncthreads();
  float largest = 0;
  each_tile(samples, [&](int first_row, int rows) {
    each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
      if (!there) return;
      const WindowRow row = window_row(samples, first_row + at.row);
      scorer.run(row, at.first, at.count, [&](int, float score) {
        const float activation = exponential(score);
        largest = activation > largest ? activation : largest;  // passes over NaN
      });
    });
  });
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
__device__ void add_letters(int filter, const WindowRow& row, int first, unsigned hits,
                            unsigned* letters) {
  for (; hits != 0; hits &= hits - 1) {
    const int t = first + __ffs(static_cast<int>(hits)) - 1;
    for (int k = static_cast<int>(threadIdx.x) % 32; k < filter; k += 32) {
      const bool unknown = (row.unknown(t + k) & 1U) != 0;
      const int base = unknown ? kLetters - 1 : static_cast<int>(row.bases(t + k) & 3U);
      atomicAdd(&letters[k * kLetters + base], 1U);
    }
  }
}

// By one block: the sites of a tile. letters [K, 5] and sites_of_row [kTileRows]: shared memory,
// added to.
template <int kFilter>
__device__ void add_sites(const FoldedUnits& net, const WindowScorer<kFilter>& scorer,
                          const WindowRows& samples, int first_row, int rows, float threshold,
                          unsigned* letters, unsigned* sites_of_row) {
  each_run(net.positions, rows, [&](const RunPlace& at, bool there) {
    unsigned hits = 0;
    if (there) {
      const WindowRow row = window_row(samples, first_row + at.row);
      scorer.run(row, at.first, at.count, [&](int p, float score) {
        if (exponential(score) > threshold) hits |= 1U << p;
      });
      if (hits != 0) atomicAdd(&sites_of_row[at.row], static_cast<unsigned>(__popc(hits)));
    }
    for (unsigned lanes = __ballot_sync(kFullWarp, hits != 0); lanes != 0; lanes &= lanes - 1) {
      const int lane = __ffs(static_cast<int>(lanes)) - 1;
      const int row = __shfl_sync(kFullWarp, at.row, lane);
      const int first = __shfl_sync(kFullWarp, at.first, lane);
      const unsigned of_lane = __shfl_sync(kFullWarp, hits, lane);
      add_letters(net.filter, window_row(samples, first_row + row), first, of_lane, letters);
    }
  });
}

template <int kFilter>
__global__ void __launch_bounds__(kThreads, 3)
    sites_kernel(const FoldedUnits net, const WindowRows samples, const float* thresholds,
                 unsigned long long* all_letters, unsigned long long* sites, std::uint8_t* fired) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_table_size(net.filter, net.copies));
  const auto letters = shared.take<unsigned>(net.filter * kLetters);
  const auto sites_of_row = shared.take<unsigned>(kTileRows);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(net, unit, tables);
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < net.filter * kLetters; i += kThreads) letters[i] = 0;
  unsigned found = 0;  // in the rows of this thread's number
  each_tile(samples, [&](int first_row, int rows) {
    if (thread < kTileRows) sites_of_row[thread] = 0;
    __syncthreads();
    add_sites(net, scorer, samples, first_row, rows, thresholds[unit], letters, sites_of_row);
    __syncthreads();
    if (thread < rows) {
      found += sites_of_row[thread];
      if (fired != nullptr) {
        fired[(static_cast<std::int64_t>(first_row) + thread) * net.units + unit] =
            sites_of_row[thread] > 0 ? 1 : 0;
      }
    }
  });
  __syncthreads();
  for (int i = thread; i < net.filter * kLetters; i += kThreads) {
    if (letters[i] == 0) continue;
    atomicAdd(&all_letters[unit * net.filter * kLetters + i],
              static_cast<unsigned long long>(letters[i]));
  }
  if (found > 0) atomicAdd(&sites[unit], static_cast<unsigned long long>(found));
}

// The kernel for the paper's filter, or the general one.
template <typename Kernel, typename... Arguments>
void launch_scan(Kernel* paper, Kernel* general, std::int64_t more_bytes, const FoldedUnits& net,
                 const WindowRows& rows, Arguments... arguments) {
  const bool suits = net.filter == kPaperFilter && net.copies == kLanes;
  const std::int64_t bytes = inference_table_bytes(net.filter, net.copies) + more_bytes;
  launch(suits ? paper : general,
         {.grid = {static_cast<unsigned>(net.units), static_cast<unsigned>(rows.parts)},
          .block = kThreads,
          .shared_bytes = static_cast<std::size_t>(bytes)},
         net, rows, arguments...);
}

}  // namespace

void find_activations(const FoldedUnits& net, const WindowRows& rows, float* activations) {
  launch_scan(activations_kernel<kPaperFilter>, activations_kernel<0>, 0, net, rows, activations);
}

void find_maxima(const FoldedUnits& net, const WindowRows& rows, float* maxima) {
  launch_scan(maxima_kernel<kPaperFilter>, maxima_kernel<0>, 0, net, rows, maxima);
}

void find_sites(const FoldedUnits& net, const WindowRows& rows, const float* thresholds,
                unsigned long long* letters, unsigned long long* sites, std::uint8_t* fired) {
  const std::int64_t bytes = std::int64_t{4} * (kLetters * net.filter + kTileRows + 8);
  launch_scan(sites_kernel<kPaperFilter>, sites_kernel<0>, bytes, net, rows, thresholds, letters,
              sites, fired);
}

}  // namespace explainn::kernels
