// Device code of device_batch.cu that the kernel of whole steps shares.
#pragma once

#include "kernels/cuda/block.h"
#include "kernels/unit_pass/device_step.h"
#include "kernels/unit_pass/packed_strand.h"

namespace explainn::kernels {

using explainn::cuda::DynamicShared;
using explainn::cuda::kFullWarp;

/// Terms that a row adds to its batch's loss (loss.h).
__device__ inline int loss_terms(LossKind kind, int columns, const float* labels) {
  int resolved = 0;
  float least = INFINITY;
  float most = -INFINITY;
  for (int c = 0; c < columns; ++c) {
    const float label = labels[c];
    if (isnan(label)) continue;
    ++resolved;
    least = fminf(least, label);
    most = fmaxf(most, label);
  }
  if (kind == LossKind::pearson) return resolved > 1 && least < most ? 1 : 0;
  return resolved;
}

/// By one warp: bases 16 word .. of rows 32 row_word .. from place `first` of the order, their
/// planes, and (first word) labels and the number of terms of the loss.
__device__ inline void gather_word(const Step& step, const StepBatch& batch, std::int64_t first,
                                   int word, int row_word) {
  const StepSizes& sizes = step.sizes;
  const PackedSamples& from = step.samples;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row = 32 * row_word + lane;
  const bool there = row < sizes.rows;
  std::uint32_t bases = 0;
  std::uint32_t unknown = 0xFFFFFFFFU;
  if (there) {
    const std::int64_t sample = step.order.at(first + row);
    const bool reverse = sample >= from.sequences;
    const std::int64_t sequence = reverse ? sample - from.sequences : sample;
    const std::int64_t words = base_words(sizes.length);
    bases = strand_bases(from.bases + sequence * words, sizes.length, reverse, word);
    batch.bases[row * words + word] = bases;
    unknown = 0;
    if (from.unknown != nullptr) {
      const std::int64_t masks = mask_words(sizes.length);
      const std::uint32_t mask =
          strand_mask(from.unknown + sequence * masks, sizes.length, reverse, word / 2);
      if (word % 2 == 0) batch.unknown[row * masks + word / 2] = mask;
      unknown = word % 2 == 0 ? mask : mask >> 16;
    }
    if (word == 0) {
      const float* const labels = from.labels + sequence * from.label_columns;
      for (int c = 0; c < sizes.label_columns; ++c) {
        batch.labels[static_cast<std::int64_t>(row) * sizes.label_columns + c] = labels[c];
      }
      const int terms = loss_terms(sizes.loss, sizes.label_columns, labels);
      if (terms > 0) atomicAdd(batch.counted, terms);
    }
  }
  for (int i = 0; i < 16; ++i) {
    const unsigned base = (unknown >> i) & 1U ? 4U : (bases >> (2 * i)) & 3U;
    std::uint32_t plane = 0;
    for (unsigned a = 0; a < 4; ++a) {
      const std::uint32_t rows = __ballot_sync(kFullWarp, base == a);
      if (static_cast<unsigned>(lane) == a) plane = rows;
    }
    const int t = 16 * word + i;
    if (lane < 4 && t < sizes.length) {
      batch.planes[(static_cast<std::int64_t>(row_word) * sizes.length + t) * 4 + lane] = plane;
    }
  }
}

/// Distance of the counts of one place from those of the next: no two lanes meet in one bank.
inline constexpr int kPairPitch = 17;

/// By one block: all counts of one lag, from row words [first, last). of_places: L x kPairPitch.
__device__ inline void count_pairs(const StepSizes& sizes, const StepBatch& batch, int lag,
                                   int first, int last, bool add, std::int32_t* of_places) {
  const int length = sizes.length;
  const int positions = sizes.positions;
  for (int t = static_cast<int>(threadIdx.x); t < length - lag; t += static_cast<int>(blockDim.x)) {
    std::int32_t count[16] = {};
    for (int word = first; word < last; ++word) {
      const uint4* const planes =
          reinterpret_cast<const uint4*>(batch.planes) + static_cast<std::int64_t>(word) * length;
      const uint4 here = planes[t];
      const uint4 there = planes[t + lag];
      const std::uint32_t a[4] = {here.x, here.y, here.z, here.w};
      const std::uint32_t b[4] = {there.x, there.y, there.z, there.w};
#pragma unroll
      for (int i = 0; i < 16; ++i) count[i] += __popc(a[i / 4] & b[i % 4]);
    }
#pragma unroll
    for (int i = 0; i < 16; ++i) of_places[t * kPairPitch + i] = count[i];
  }
  __syncthreads();
  // Windows from j on: one sum for every pair and j.
  const int starts = sizes.filter - lag;
  for (int task = static_cast<int>(threadIdx.x) / 32; task < starts * 16;
       task += static_cast<int>(blockDim.x) / 32) {
    const int j = task / 16;
    const int pair = task % 16;
    std::int32_t sum = 0;
    for (int t = static_cast<int>(threadIdx.x) % 32; t < positions; t += 32) {
      sum += of_places[(j + t) * kPairPitch + pair];
    }
    sum = explainn::cuda::warp_sum(sum);
    if (threadIdx.x % 32 == 0) {
      std::int32_t* const to = batch.pairs + (lag * sizes.filter + j) * 16 + pair;
      if (add) {
        atomicAdd(to, sum);
      } else {
        *to = sum;
      }
    }
  }
}

}  // namespace explainn::kernels
