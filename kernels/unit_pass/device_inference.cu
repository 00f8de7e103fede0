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
      const Pooled best = pool_scores(scorer, window_row(samples, first_row + row),
                                      (first_q + q) * net.stride, net.pool);
      x[q * kTileRows + row] = exponential(best.score);
    }
    return;
  }
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = static_cast<int>(threadIdx.x) / 32; i < rows * count; i += kTileThreads / 32) {
    const int row = i / count;
    const int q = i % count;
    float best = pool_scores(scorer, window_row(samples, first_row + row),
                             (first_q + q) * net.stride, net.pool, lane * kRun, 32 * kRun)
                     .score;
    for (int distance = 16; distance > 0; distance /= 2) {
      const float other = __shfl_down_sync(kFullWarp, best, static_cast<unsigned>(distance));
      best = other > best ? other : best;  // NaN as pool_scores() has it
    }
    if (lane == 0) x[q * kTileRows + row] = exponential(best);
  }
}

template <int kFilter>
__global__ void __launch_bounds__(kTileThreads, 2)
    units_kernel(const FoldedUnits net, const WindowRows samples, float* outputs) {
  DynamicShared shared;
  const auto tables = shared.take<float>(score_table_size(net.filter, net.copies));
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

// A thread for each word of the rows' bases, of the room behind them and of the masks.
__global__ void gather_kernel(const PackedSamples samples, std::int64_t first, std::int64_t rows,
                              std::uint32_t* bases, std::uint32_t* unknown) {
  const auto length = static_cast<int>(samples.length);
  const std::int64_t words = base_words(length);
  const std::int64_t masks = mask_words(length);
  const std::int64_t of_bases = rows * words;
  const std::int64_t i = explainn::cuda::element();
  const std::int64_t of_masks = i - of_bases - kWindowRoom;
  const std::int64_t row = first + (of_masks < 0 ? i / words : of_masks / masks);
  const bool reverse = row >= samples.sequences;
  const std::int64_t sequence = reverse ? row - samples.sequences : row;
  if (i < of_bases) {
    bases[i] = strand_bases(samples.bases + sequence * words, length, reverse,
                            static_cast<int>(i % words));
  } else if (of_masks < 0) {
    bases[i] = 0;
  } else if (samples.unknown != nullptr && of_masks < rows * masks) {
    unknown[of_masks] = strand_mask(samples.unknown + sequence * masks, length, reverse,
                                    static_cast<int>(of_masks % masks));
  }
}

// A thread for each 32 letters; the first ones clear the room behind the rows.
__global__ void pack_kernel(const std::uint8_t* letters, std::int64_t rows, std::int64_t length,
                            std::uint32_t* bases, std::uint32_t* unknown) {
  const std::int64_t i = explainn::cuda::element();
  const std::int64_t words = base_words(length);
  const std::int64_t masks = mask_words(length);
  if (i < kWindowRoom) bases[rows * words + i] = 0;
  if (i >= rows * masks) return;
  const std::int64_t row = i / masks;
  const std::int64_t first = i % masks * 32;
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
  const std::int64_t word = first / 16;
  bases[row * words + word] = static_cast<std::uint32_t>(codes);
  if (word + 1 < words) bases[row * words + word + 1] = static_cast<std::uint32_t>(codes >> 32);
  unknown[i] = mask;
}

}  // namespace

std::int64_t inference_table_bytes(int filter, int copies) {
  return std::int64_t{4} * score_table_size(filter, copies);
}

std::int64_t inference_bytes(int filter, int hidden_layers) {
  const std::int64_t of_sites = std::int64_t{4} * (5 * filter + kTileRows + 8);
  const std::int64_t of_tile = TileMemory::bytes(hidden_layers);
  return of_tile > of_sites ? of_tile : of_sites;
}

void gather_rows(const PackedSamples& samples, std::int64_t first, std::int64_t rows,
                 std::uint32_t* bases, std::uint32_t* unknown) {
  const std::int64_t masks = samples.unknown == nullptr ? 0 : mask_words(samples.length);
  launch(gather_kernel,
         explainn::cuda::thread_each(rows * (base_words(samples.length) + masks) + kWindowRoom),
         samples, first, rows, bases, unknown);
}

void pack_rows(const std::uint8_t* letters, std::int64_t rows, std::int64_t length,
               std::uint32_t* bases, std::uint32_t* unknown) {
  launch(pack_kernel, explainn::cuda::thread_each(rows * mask_words(length) + kWindowRoom), letters,
         rows, length, bases, unknown);
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
