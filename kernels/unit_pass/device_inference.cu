// Units in evaluation mode: a block has a unit's tables in shared memory and takes tiles of rows
// from their bases to the unit's outputs. And how rows come to be.
#include <cuda_runtime.h>

#include "kernels/cuda/elements.h"
#include "kernels/unit_pass/device_folded_nodes.h"
#include "kernels/unit_pass/device_gather.h"
#include "kernels/unit_pass/device_window_scores.h"

namespace explainn::kernels {

using explainn::cuda::launch;

namespace {

// Pool windows from so many positions on are shared by a warp.
constexpr int kLongPool = 8 * kRun;
constexpr int kPaperFilter = 19;

__device__ float larger(float a, float b) {
  return b > a ? b : a;
}

// The largest score of a pool window from position `from` of it on, in steps of `step`.
template <int kFilter>
__device__ float pooled_score(const WindowScorer<kFilter>& scorer, const WindowRow& row, int first,
                              int pool, int from, int step) {
  float best = -INFINITY;
  for (int p = from; p < pool; p += step) {
    scorer.run(row, first + p, min(kRun, pool - p),
               [&](int at, float score) { best = p + at == 0 ? score : larger(best, score); });
  }
  return best;
}

// x [count][kTileRows]: exp of the largest score of pool windows [first_q, first_q + count) of a
// tile's rows; count <= kInner.
template <int kFilter>
__device__ void score_windows(const FoldedUnits& net, const WindowScorer<kFilter>& scorer,
                              const WindowRows& samples, int first_row, int rows, int first_q,
                              int count, float* x) {
  if (net.pool < kLongPool) {
    // i / count as a product: exact for i < kTileRows * kInner.
    constexpr int kBits = 17;
    static_assert(kTileRows * kInner * kInner < 1 << kBits);
    const int inverse = ((1 << kBits) + count - 1) / count;
    for (int i = static_cast<int>(threadIdx.x); i < rows * count; i += kTileThreads) {
      const int row = i * inverse >> kBits;
      const int q = i - row * count;
      const float best = pooled_score(scorer, WindowRow::of(samples, first_row + row),
                                      (first_q + q) * net.stride, net.pool, 0, kRun);
      x[q * kTileRows + row] = exponential(best);
    }
    return;
  }
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = static_cast<int>(threadIdx.x) / 32; i < rows * count; i += kTileThreads / 32) {
    const int row = i / count;
    const int q = i % count;
    float best = pooled_score(scorer, WindowRow::of(samples, first_row + row),
                              (first_q + q) * net.stride, net.pool, lane * kRun, 32 * kRun);
    for (int distance = 16; distance > 0; distance /= 2) {
      best = larger(best, __shfl_down_sync(kFullWarp, best, static_cast<unsigned>(distance)));
    }
    if (lane == 0) x[q * kTileRows + row] = exponential(best);
  }
}

template <int kFilter>
__global__ void __launch_bounds__(kTileThreads, 2)
    units_kernel(const FoldedUnits net, const WindowRows samples, float* outputs) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_chunks(net.filter) * kChunkRows * net.copies);
  const TileMemory memory = TileMemory::take(shared, net.hidden_layers);
  const std::int64_t unit = blockIdx.x;
  const auto scorer = make_scorer<kFilter>(net, unit, tables);
  const TilePlace place = TilePlace::of_thread();
  const int thread = static_cast<int>(threadIdx.x);
  const bool hidden = net.hidden_layers > 0;
  const float* const last = net.last + unit * (hidden ? kNodes : net.last_inputs);
  const FoldedNodes& first = net.hidden[0];
  // The weights of one layer of one piece stay from tile to tile.
  const bool kept = net.hidden_layers == 1 && net.pooled <= kInner;

  for (int tile = static_cast<int>(blockIdx.y); tile * kTileRows < samples.rows;
       tile += static_cast<int>(gridDim.y)) {
    const int rows = min(kTileRows, samples.rows - tile * kTileRows);
    NodeSums sums;
    float output = 0;
    if (hidden) start_nodes(place, first.bias + unit * kNodes, sums);
    for (int begin = 0; begin < net.pooled; begin += kInner) {
      const int count = min(kInner, net.pooled - begin);
      __syncthreads();
      score_windows(net, scorer, samples, tile * kTileRows, rows, begin, count, memory.x);
      if (hidden && (!kept || tile == static_cast<int>(blockIdx.y))) {
        load_weights(first.w + unit * first.inputs * kNodes, begin, count, memory.w);
      }
      __syncthreads();
      if (hidden) {
        add_product(place, count, memory.x, memory.w, kNodes, sums);
      } else if (thread < rows && net.last_inputs > 0) {
        for (int i = 0; i < count; ++i) {
          output = fmaf(memory.x[i * kTileRows + thread], last[begin + i], output);
        }
      } else if (thread < rows) {
        output = memory.x[thread];
      }
    }
    for (int i = 1; i < net.hidden_layers; ++i) {
      next_nodes(net.hidden[i], unit, place, memory, sums);
    }
    if (hidden) output = sum_of_nodes(place, last, memory, sums);
    if (net.last_inputs > 0) output = Relu::value(output + net.last_bias[unit]);
    if (thread < rows) {
      outputs[(static_cast<std::int64_t>(tile) * kTileRows + thread) * net.units + unit] = output;
    }
  }
}

// A thread for each word of a row's bases and mask.
__global__ void gather_kernel(const PackedSamples samples, std::int64_t first, std::int64_t rows,
                              std::int64_t row_words, std::int64_t row_masks, std::uint32_t* bases,
                              std::uint32_t* unknown) {
  const std::int64_t i = explainn::cuda::element();
  if (i >= rows * (row_words + row_masks)) return;
  const std::int64_t row = i / (row_words + row_masks);
  const auto word = static_cast<int>(i % (row_words + row_masks));
  const auto length = static_cast<int>(samples.length);
  const bool reverse = first + row >= samples.sequences;
  const std::int64_t sequence = reverse ? first + row - samples.sequences : first + row;
  const std::int64_t words = base_words(length);
  const std::int64_t masks = mask_words(length);
  if (word < row_words) {
    bases[row * row_words + word] =
        word < words ? strand_bases(samples.bases + sequence * words, length, reverse, word) : 0U;
  } else if (samples.unknown != nullptr) {
    const int mask = word - static_cast<int>(row_words);
    unknown[row * row_masks + mask] =
        mask < masks ? strand_mask(samples.unknown + sequence * masks, length, reverse, mask) : 0U;
  }
}

// A thread for each 32 letters, and one for the room behind a row.
__global__ void pack_kernel(const std::uint8_t* letters, std::int64_t rows, std::int64_t length,
                            std::int64_t row_words, std::int64_t row_masks, std::uint32_t* bases,
                            std::uint32_t* unknown) {
  const std::int64_t i = explainn::cuda::element();
  if (i >= rows * row_masks) return;
  const std::int64_t row = i / row_masks;
  const std::int64_t first = i % row_masks * 32;
  std::uint64_t codes = 0;
  std::uint32_t mask = 0;
  for (std::int64_t j = 0; j < 32 && first + j < length; ++j) {
    const std::uint64_t base = letters[row * length + first + j];
    if (base < 4) {
      codes |= base << (2 * j);
    } else {
      mask |= 1U << j;
    }
  }
  std::uint32_t* const to = bases + row * row_words;
  const std::int64_t word = first / 16;
  if (word < row_words) to[word] = static_cast<std::uint32_t>(codes);
  if (word + 1 < row_words) to[word + 1] = static_cast<std::uint32_t>(codes >> 32);
  unknown[i] = mask;
}

}  // namespace

std::int64_t inference_table_bytes(int filter, int copies) {
  return std::int64_t{4} * score_chunks(filter) * kChunkRows * copies;
}

std::int64_t inference_bytes(int filter, int hidden_layers) {
  const std::int64_t of_sites = std::int64_t{4} * (5 * filter + kTileRows + 8);
  const std::int64_t of_tile = TileMemory::bytes(hidden_layers);
  return of_tile > of_sites ? of_tile : of_sites;
}

void gather_rows(const PackedSamples& samples, std::int64_t first, std::int64_t rows,
                 std::uint32_t* bases, std::uint32_t* unknown) {
  const std::int64_t words = window_words(samples.length);
  const std::int64_t masks = samples.unknown == nullptr ? 0 : window_masks(samples.length);
  launch(gather_kernel, explainn::cuda::thread_each(rows * (words + masks)), samples, first, rows,
         words, masks, bases, unknown);
}

void pack_rows(const std::uint8_t* letters, std::int64_t rows, std::int64_t length,
               std::uint32_t* bases, std::uint32_t* unknown) {
  launch(pack_kernel, explainn::cuda::thread_each(rows * window_masks(length)), letters, rows,
         length, window_words(length), window_masks(length), bases, unknown);
}

void infer_units(const FoldedUnits& net, const WindowRows& rows, float* outputs) {
  const bool paper = net.filter == kPaperFilter && net.copies == kLanes;
  const std::int64_t bytes =
      inference_table_bytes(net.filter, net.copies) + TileMemory::bytes(net.hidden_layers);
  launch(paper ? units_kernel<kPaperFilter> : units_kernel<0>,
         {.grid = {static_cast<unsigned>(net.units), static_cast<unsigned>(rows.parts)},
          .block = kTileThreads,
          .shared_bytes = static_cast<std::size_t>(bytes)},
         net, rows, outputs);
}

}  // namespace explainn::kernels
