// Device code of the table convolution: a filter as sums over chunks of three bases, one table a
// chunk. Random look-ups would meet in the banks of shared memory, so every lane has a copy of its
// own where there is room: 8 KiB a chunk, and no look-up waits for another.
// What a window scores depends on its bases alone, never on the windows computed with it.
#pragma once

#include "kernels/unit_pass/device_packed_row.h"

namespace explainn::kernels {

inline constexpr int kChunkBases = 3;
inline constexpr int kChunkRows = 64;  ///< 4^kChunkBases
inline constexpr int kLanes = 32;
/// The paper's sizes have kernels of their own, which know them when compiled.
inline constexpr int kPaperFilter = 19;
inline constexpr int kPaperPool = 7;
/// Windows that are scored together, from one reading of bases.
inline constexpr int kRun = 7;

EXPLAINN_HOST_DEVICE constexpr int score_chunks(int filter) {
  return (filter + kChunkBases - 1) / kChunkBases;
}
/// Floats of a filter's tables [chunks][kChunkRows][copies].
EXPLAINN_HOST_DEVICE constexpr int score_table_size(int filter, int copies = kLanes) {
  return score_chunks(filter) * kChunkRows * copies;
}

/// The filter of a unit with its batch norm folded in. kFilter: its width where it is known when
/// compiled, else 0; all lanes have copies of the tables then.
template <int kFilter>
struct WindowScorer {
  int width;             ///< K
  int of_tables;         ///< copies of the tables, a power of two up to kLanes; 0: no tables
  const float* tables;   ///< [chunks][kChunkRows][copies], from this lane's copy on
  const float* letters;  ///< [4 K], each to be taken times `scale`
  float scale, shift;

  static_assert(kFilter + kRun + kChunkBases <= 33, "32 bases hold all windows of a run");

  /// tables: those of all lanes.
  __device__ static WindowScorer of_thread(int width, int copies, const float* tables,
                                           const float* letters, float scale, float shift) {
    const int lane = copies > 0 ? static_cast<int>(threadIdx.x) % copies : 0;
    return {width, copies, tables + lane, letters, scale, shift};
  }
  __device__ int filter() const { return kFilter > 0 ? kFilter : width; }
  __device__ int copies() const { return kFilter > 0 ? kLanes : of_tables; }

  /// What a chunk adds to a score, letter by letter; the first adds the shift too.
  __device__ float letters_of(int chunk, int code, std::uint32_t unknown) const {
    float sum = 0;
    for (int j = 0; j < kChunkBases; ++j) {
      const int k = chunk * kChunkBases + j;
      if (k < filter() && ((unknown >> j) & 1U) == 0) {
        sum += letters[4 * k + ((code >> (2 * j)) & 3)];
      }
    }
    return fmaf(scale, sum, chunk == 0 ? shift : 0.0F);
  }
  /// The score of the window at t, whatever its bases.
  template <typename Row>
  __device__ float any_score(const Row& row, int t) const {
    constexpr int kChunksRead = 32 / kChunkBases;
    float score = 0;
    for (int begin = 0; begin < score_chunks(filter()); begin += kChunksRead) {
      std::uint64_t bases = row.long_bases(t + kChunkBases * begin);
      std::uint32_t unknown = row.unknown(t + kChunkBases * begin);
      const int end = min(score_chunks(filter()), begin + kChunksRead);
      for (int chunk = begin; chunk < end; ++chunk) {
        const int code = static_cast<int>(bases) & (kChunkRows - 1);
        const std::uint32_t mask = unknown & ((1U << kChunkBases) - 1);
        score += mask == 0 && copies() > 0 ? tables[(chunk * kChunkRows + code) * copies()]
                                           : letters_of(chunk, code, mask);
        bases >>= 2 * kChunkBases;
        unknown >>= kChunkBases;
      }
    }
    return score;
  }
  /// The score of the window at base p of `bases`, all known.
  __device__ float known_score(std::uint64_t bases, int p) const {
    // A code times the bytes of a row in one shift.
    constexpr int kRowShift = 7;
    static_assert(1U << kRowShift == kLanes * sizeof(float));
    float score = 0;
#pragma unroll
    for (int chunk = 0; chunk < score_chunks(kFilter); ++chunk) {
      const int low = 2 * (p + kChunkBases * chunk) - kRowShift;
      const auto bytes = static_cast<std::uint32_t>(low < 0 ? bases << -low : bases >> low) &
                         ((kChunkRows - 1U) << kRowShift);
      const float entry = *reinterpret_cast<const float*>(
          reinterpret_cast<const char*>(tables + chunk * kChunkRows * kLanes) + bytes);
      score = chunk == 0 ? entry : score + entry;
    }
    return score;
  }
  /// visit(p, score of the window at first + p) for each p < count, at most kRun, in order.
  template <typename Row, typename Visit>
  __device__ void run(const Row& row, int first, int count, const Visit& visit) const {
    constexpr std::uint32_t kBasesOfRun = (std::uint32_t{1} << (kFilter + kRun - 1)) - 1;
    if (kFilter == 0 || (row.unknown(first) & kBasesOfRun) != 0) {
      for (int p = 0; p < count; ++p) visit(p, any_score(row, first + p));
      return;
    }
    const std::uint64_t bases = row.long_bases(first);
    float scores[kRun];
#pragma unroll
    for (int p = 0; p < kRun; ++p) scores[p] = known_score(bases, p);
    if (count == kRun) {
#pragma unroll
      for (int p = 0; p < kRun; ++p) visit(p, scores[p]);
    } else {
#pragma unroll
      for (int p = 0; p < kRun; ++p) {
        if (p < count) visit(p, scores[p]);
      }
    }
  }
};

/// By one block: a scorer's tables of all lanes. A barrier must follow.
template <int kFilter>
__device__ inline void fill_tables(const WindowScorer<kFilter>& scorer, float* tables) {
  constexpr int kPieces = kLanes / 4;
  const int copies = scorer.copies();
  const int values = score_chunks(scorer.filter()) * kChunkRows;
  if (copies == kLanes) {
    for (int i = static_cast<int>(threadIdx.x); i < values; i += static_cast<int>(blockDim.x)) {
      const float value = scorer.letters_of(i / kChunkRows, i % kChunkRows, 0);
      // All lanes' copies, each thread from another one on: eight threads fill all banks.
      float4* const to = reinterpret_cast<float4*>(tables) + i * kPieces;
#pragma unroll
      for (int j = 0; j < kPieces; ++j) {
        to[(j + i) % kPieces] = make_float4(value, value, value, value);
      }
    }
    return;
  }
  for (int i = static_cast<int>(threadIdx.x); i < values * copies;
       i += static_cast<int>(blockDim.x)) {
    const int entry = i / copies;
    tables[i] = scorer.letters_of(entry / kChunkRows, entry % kChunkRows, 0);
  }
}

/// The largest score of a pool window and where in it it stands, the first of equals.
struct Pooled {
  float score;
  int offset;
};

/// The windows from `first` + `from` on, in runs `step` apart.
template <typename Scorer, typename Row>
__device__ inline Pooled pool_scores(const Scorer& scorer, const Row& row, int first, int pool,
                                     int from = 0, int step = kRun) {
  Pooled best{-INFINITY, 0};
  for (int p = from; p < pool; p += step) {
    scorer.run(row, first + p, min(kRun, pool - p), [&](int at, float score) {
      if (score > best.score || p + at == 0) best = {score, p + at};
    });
  }
  return best;
}

}  // namespace explainn::kernels
