// Device code of inference: scores of windows of packed samples, read in place on either strand.
// What a window scores depends on its bases alone, never on the windows computed with it.
#pragma once

#include "kernels/unit_pass/device_scores.h"

namespace explainn::kernels {

/// A packed sample: a sequence, or its reverse complement made as it is read.
struct StrandRow {
  const std::uint32_t* words;
  int count;  ///< of words
  int length;
  bool reverse;

  __device__ std::uint32_t word(int i) const { return words[min(max(i, 0), count - 1)]; }
  /// 32 bases from t on; those behind the end do not matter (PackedBases).
  __device__ std::uint64_t bases(int t) const {
    const int first = reverse ? length - 32 - t : t;
    const int at = first >> 4;
    const auto shift = static_cast<unsigned>(2 * (first & 15));
    const std::uint32_t middle = word(at + 1);
    const std::uint32_t low = __funnelshift_r(word(at), middle, shift);
    const std::uint32_t high = __funnelshift_r(middle, word(at + 2), shift);
    const std::uint32_t turned_low = turned(high);
    const std::uint32_t turned_high = turned(low);
    return static_cast<std::uint64_t>(reverse ? turned_high : high) << 32 |
           (reverse ? turned_low : low);
  }
  /// 16 bases in reverse order, each as its complement (3 minus it: all bits turned).
  __device__ static std::uint32_t turned(std::uint32_t bases) {
    const std::uint32_t reversed = __brev(bases);  // in each base the two bits are swapped
    return ~(((reversed & 0x55555555U) << 1) | ((reversed >> 1) & 0x55555555U));
  }
};

/// The mask of unknown bases of the same sample; `words` null: none.
struct StrandMask {
  const std::uint32_t* words;
  int count;
  int length;
  bool reverse;

  /// Whether any of the bases [begin, end) is unknown.
  __device__ bool any(int begin, int end) const {
    const UnknownRow row{words};
    return reverse ? row.any(length - end, length - begin) : row.any(begin, end);
  }
  /// Of 32 bases from t on; what is said of those behind the end does not matter.
  __device__ std::uint32_t bits(int t) const {
    if (words == nullptr) return 0;
    const int first = reverse ? length - 32 - t : t;
    const int at = first >> 5;
    const std::uint32_t low = words[min(max(at, 0), count - 1)];
    const std::uint32_t high = words[min(max(at + 1, 0), count - 1)];
    const std::uint32_t mask = __funnelshift_r(low, high, static_cast<unsigned>(first & 31));
    return reverse ? __brev(mask) : mask;
  }
};

struct StrandSample {
  StrandRow row;
  StrandMask unknown;

  __device__ static StrandSample of(const PackedSamples& samples, std::int64_t sample) {
    const bool reverse = sample >= samples.sequences;
    const std::int64_t sequence = reverse ? sample - samples.sequences : sample;
    const auto length = static_cast<int>(samples.length);
    const auto words = static_cast<int>(base_words(length));
    const auto masks = static_cast<int>(mask_words(length));
    return {{samples.bases + sequence * words, words, length, reverse},
            {samples.unknown == nullptr ? nullptr : samples.unknown + sequence * masks, masks,
             length, reverse}};
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

  __device__ float entry(int chunk, int code) const {
    return tables[(chunk * kChunkRows + code) * copies()];
  }
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
  __device__ float any_score(const StrandSample& sample, int t) const {
    constexpr int kChunksRead = 32 / kChunkBases;
    float score = 0;
    for (int begin = 0; begin < score_chunks(filter()); begin += kChunksRead) {
      std::uint64_t bases = sample.row.bases(t + kChunkBases * begin);
      std::uint32_t unknown = sample.unknown.bits(t + kChunkBases * begin);
      const int end = min(score_chunks(filter()), begin + kChunksRead);
      for (int chunk = begin; chunk < end; ++chunk) {
        const int code = static_cast<int>(bases) & (kChunkRows - 1);
        const std::uint32_t mask = unknown & ((1U << kChunkBases) - 1);
        score += mask == 0 && copies() > 0 ? entry(chunk, code) : letters_of(chunk, code, mask);
        bases >>= 2 * kChunkBases;
        unknown >>= kChunkBases;
      }
    }
    return score;
  }
  /// visit(p, score of the window at first + p) for each p < count, at most kRun, in order.
  template <typename Visit>
  __device__ void run(const StrandSample& sample, int first, int count, const Visit& visit) const {
    if (kFilter == 0 || sample.unknown.any(first, first + count - 1 + filter())) {
      for (int p = 0; p < count; ++p) visit(p, any_score(sample, first + p));
      return;
    }
    const std::uint64_t bases = sample.row.bases(first);
#pragma unroll
    for (int p = 0; p < kRun; ++p) {
      float score = 0;
#pragma unroll
      for (int chunk = 0; chunk < score_chunks(kFilter); ++chunk) {
        const int from = 2 * (p + kChunkBases * chunk);
        score += entry(chunk, static_cast<int>(bases >> from) & (kChunkRows - 1));
      }
      if (p < count) visit(p, score);
    }
  }
};

/// By one block: the scorer of a unit from its folded filter, letters [4 K] and shift. A barrier
/// must follow. tables: shared memory for `copies` copies.
template <int kFilter>
__device__ inline WindowScorer<kFilter> make_scorer(int filter, int copies, const float* letters,
                                                    float shift, float* tables) {
  const WindowScorer<kFilter> scorer{
      filter, copies, tables + (copies > 0 ? static_cast<int>(threadIdx.x) % copies : 0), letters,
      shift};
  if (kFilter > 0 || copies == kLanes) {
    make_score_tables(filter, letters, 1, shift, tables);
  } else {
    const int size = score_chunks(filter) * kChunkRows * copies;
    for (int i = static_cast<int>(threadIdx.x); i < size; i += static_cast<int>(blockDim.x)) {
      const int row = i / copies;
      tables[i] = scorer.letters_of(row / kChunkRows, row % kChunkRows, 0);
    }
  }
  return scorer;
}

}  // namespace explainn::kernels
