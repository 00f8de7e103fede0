// Device code of the table convolution: a filter as sums over chunks of three bases, one table a
// chunk. Random look-ups would meet in the banks of shared memory, so every lane has a copy of its
// own: 8 KiB a chunk, and no look-up waits for another.
#pragma once

#include "kernels/cuda/device_code.h"
#include "kernels/elementwise/functors.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

inline constexpr int kChunkBases = 3;
inline constexpr int kChunkRows = 64;  ///< 4^kChunkBases
inline constexpr int kLanes = 32;

EXPLAINN_HOST_DEVICE constexpr int score_chunks(int filter) {
  return (filter + kChunkBases - 1) / kChunkBases;
}
/// Floats of a filter's tables [chunks][kChunkRows][kLanes].
EXPLAINN_HOST_DEVICE constexpr int score_table_size(int filter) {
  return score_chunks(filter) * kChunkRows * kLanes;
}

/// By one block. letters [4 K], each to be taken times `scale`, and shift: the folded filter; the
/// first table holds the shift too. A barrier must follow.
__device__ inline void make_score_tables(int filter, const float* letters, float scale, float shift,
                                         float* tables) {
  constexpr int kPieces = kLanes / 4;
  const int entries = score_chunks(filter) * kChunkRows;
  for (int i = static_cast<int>(threadIdx.x); i < entries; i += static_cast<int>(blockDim.x)) {
    const int chunk = i / kChunkRows;
    float value = 0;
    for (int j = 0; j < kChunkBases; ++j) {
      const int k = chunk * kChunkBases + j;
      if (k < filter) value += letters[4 * k + ((i >> (2 * j)) & 3)];
    }
    value = scale * value + (chunk == 0 ? shift : 0.0F);
    // All lanes' copies, each thread from another one on: eight threads fill all banks.
    float4* const to = reinterpret_cast<float4*>(tables) + i * kPieces;
#pragma unroll
    for (int j = 0; j < kPieces; ++j) {
      to[(j + i) % kPieces] = make_float4(value, value, value, value);
    }
  }
}

/// A row of packed bases of which anything may be read: what stands behind its end does not matter,
/// since tables do not depend on the bases behind a filter's last. kBounded: 0 is read there, for
/// rows that nothing readable follows.
template <bool kBounded>
struct PackedBases {
  const std::uint32_t* words;
  int count;

  __device__ std::uint32_t word(int i) const { return !kBounded || i < count ? words[i] : 0U; }
  /// 16 bases from t on.
  __device__ std::uint32_t bases(int t) const {
    return __funnelshift_r(word(t / 16), word(t / 16 + 1), static_cast<unsigned>(2 * (t % 16)));
  }
  /// 32 bases from t on.
  __device__ std::uint64_t long_bases(int t) const {
    const auto shift = static_cast<unsigned>(2 * (t % 16));
    const std::uint32_t middle = word(t / 16 + 1);
    const std::uint32_t low = __funnelshift_r(word(t / 16), middle, shift);
    return low | static_cast<std::uint64_t>(__funnelshift_r(middle, word(t / 16 + 2), shift)) << 32;
  }
};
using PackedRow = PackedBases<true>;

/// The mask of unknown bases of a row; `words` null: none.
struct UnknownRow {
  const std::uint32_t* words;

  __device__ bool at(int t) const { return ((words[t / 32] >> (t % 32)) & 1U) != 0; }
  /// Whether any of the bases [begin, end) is unknown.
  __device__ bool any(int begin, int end) const {
    if (words == nullptr) return false;
    for (int i = begin / 32; i <= (end - 1) / 32; ++i) {
      std::uint32_t bits = words[i];
      if (i == begin / 32) bits &= 0xFFFFFFFFU << (begin % 32);
      if (i == (end - 1) / 32) bits &= 0xFFFFFFFFU >> (31 - (end - 1) % 32);
      if (bits != 0) return true;
    }
    return false;
  }
};

/// Score of the window at t by look-ups; `tables` already points to this lane's copy.
template <typename Row>
__device__ inline float table_score(int filter, const float* tables, const Row& row, int t) {
  float score = 0;
  int chunk = 0;
  for (; chunk < score_chunks(filter); ++chunk) {
    const std::uint32_t code = row.bases(t + kChunkBases * chunk) & (kChunkRows - 1);
    score += tables[(chunk * kChunkRows + static_cast<int>(code)) * kLanes];
  }
  return score;
}

/// Score of a window with unknown bases, letter by letter, each times `scale`.
template <typename Row>
__device__ inline float letter_score(int filter, const float* letters, float scale, float shift,
                                     const Row& row, const UnknownRow& unknown, int t) {
  float score = shift;
  for (int k = 0; k < filter; ++k) {
    if (!unknown.at(t + k))
      score += scale * letters[4 * k + static_cast<int>(row.bases(t + k) & 3U)];
  }
  return score;
}

/// The largest score of a pool window and where in it it stands, the first of equals.
struct Pooled {
  float score;
  int offset;
};

/// kFilter, kPool: the sizes known when compiled (0: not known); together at most 32 bases.
template <int kFilter, int kPool, typename Row>
__device__ inline Pooled pool_scores(const StepSizes& sizes, const float* tables, const Row& row,
                                     int first) {
  Pooled best{-INFINITY, 0};
  if constexpr (kFilter > 0) {
    static_assert(kFilter + kPool + kChunkBases <= 33, "two words hold all bases of a pool window");
    const std::uint64_t bases = row.long_bases(first);
#pragma unroll
    for (int p = 0; p < kPool; ++p) {
      float score = 0;
#pragma unroll
      for (int chunk = 0; chunk < score_chunks(kFilter); ++chunk) {
        const int code =
            static_cast<int>(bases >> (2 * (p + kChunkBases * chunk))) & (kChunkRows - 1);
        score += tables[(chunk * kChunkRows + code) * kLanes];
      }
      if (score > best.score || p == 0) best = {score, p};
    }
  } else {
    for (int p = 0; p < sizes.pool; ++p) {
      const float score = table_score(sizes.filter, tables, row, first + p);
      if (score > best.score || p == 0) best = {score, p};
    }
  }
  return best;
}

template <typename Row>
__device__ inline Pooled pool_letters(const StepSizes& sizes, const float* letters, float scale,
                                      float shift, const Row& row, const UnknownRow& unknown,
                                      int first) {
  Pooled best{-INFINITY, 0};
  for (int p = 0; p < sizes.pool; ++p) {
    const float score = letter_score(sizes.filter, letters, scale, shift, row, unknown, first + p);
    if (score > best.score || p == 0) best = {score, p};
  }
  return best;
}

}  // namespace explainn::kernels
