// Device code of inference: a unit's scores of windows of rows. What a window scores depends on its
// bases alone, never on the windows computed with it.
#pragma once

#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_scores.h"

namespace explainn::kernels {

/// A row as WindowRows has it: anything may be read behind its end.
struct WindowRow {
  PackedBases<false> packed;
  const std::uint32_t* mask;  ///< null: no base is unknown

  __device__ static WindowRow of(const WindowRows& rows, int row) {
    return {{rows.bases + row * rows.row_words, rows.row_words},
            rows.unknown == nullptr ? nullptr : rows.unknown + row * rows.row_masks};
  }
  /// Of 32 bases from t on: which are unknown.
  __device__ std::uint32_t unknown(int t) const {
    if (mask == nullptr) return 0;
    return __funnelshift_r(mask[t / 32], mask[t / 32 + 1], static_cast<unsigned>(t % 32));
  }
};

/// Windows that are scored together, from one reading of bases.
inline constexpr int kRun = 7;

/// A unit's folded filter. kFilter: its width where it is known when compiled, else 0; all lanes
/// have copies of the tables then.
template <int kFilter>
struct WindowScorer {
  int width;             ///< K
  int of_tables;         ///< copies of the tables, a power of two up to kLanes; 0: no tables
  const float* tables;   ///< [chunks][kChunkRows][copies], from this lane's copy on
  const float* letters;  ///< [4 K]
  float shift;

  static_assert(kFilter + kRun + kChunkBases <= 33, "32 bases hold all windows of a run");

  __device__ int filter() const { return kFilter > 0 ? kFilter : width; }
  __device__ int copies() const { return kFilter > 0 ? kLanes : of_tables; }

  /// A chunk some of whose bases are unknown, or of a filter without tables.
  __device__ float letters_of(int chunk, int code, std::uint32_t unknown) const {
    float sum = chunk == 0 ? shift : 0.0F;
    for (int j = 0; j < kChunkBases; ++j) {
      const int k = chunk * kChunkBases + j;
      if (k < filter() && ((unknown >> j) & 1U) == 0) {
        sum += letters[4 * k + ((code >> (2 * j)) & 3)];
      }
    }
    return sum;
  }
  /// The score of the window at t, whatever its bases.
  __device__ float any_score(const WindowRow& row, int t) const {
    constexpr int kChunksRead = 32 / kChunkBases;
    float score = 0;
    for (int begin = 0; begin < score_chunks(filter()); begin += kChunksRead) {
      std::uint64_t bases = row.packed.long_bases(t + kChunkBases * begin);
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
  template <typename Visit>
  __device__ void run(const WindowRow& row, int first, int count, const Visit& visit) const {
    constexpr std::uint32_t kBasesOfRun = (std::uint32_t{1} << (kFilter + kRun - 1)) - 1;
    if (kFilter == 0 || (row.unknown(first) & kBasesOfRun) != 0) {
      for (int p = 0; p < count; ++p) visit(p, any_score(row, first + p));
      return;
    }
    const std::uint64_t bases = row.packed.long_bases(first);
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

/// By one block: the scorer of a unit. A barrier must follow. tables: shared memory for
/// net.copies copies.
template <int kFilter>
__device__ inline WindowScorer<kFilter> make_scorer(const FoldedUnits& net, std::int64_t unit,
                                                    float* tables) {
  const int copies = kFilter > 0 ? kLanes : net.copies;
  const int lane = copies > 0 ? static_cast<int>(threadIdx.x) % copies : 0;
  const WindowScorer<kFilter> scorer{net.filter, copies, tables + lane,
                                     net.letters + unit * 4 * net.filter, net.shifts[unit]};
  if (copies == kLanes) {
    make_score_tables(net.filter, scorer.letters, 1, scorer.shift, tables);
  } else {
    const int size = score_chunks(net.filter) * kChunkRows * copies;
    for (int i = static_cast<int>(threadIdx.x); i < size; i += static_cast<int>(blockDim.x)) {
      const int row = i / copies;
      tables[i] = scorer.letters_of(row / kChunkRows, row % kChunkRows, 0);
    }
  }
  return scorer;
}

}  // namespace explainn::kernels
