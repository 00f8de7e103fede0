// Training samples as a GPU keeps them: two bits a base, one bit for an unknown one, labels beside
// them. Reverse complements, order and batches are made where they are used.
#pragma once

#include <cstdint>

#include "kernels/base/permutation.h"

namespace explainn::kernels {

/// Words of a packed sequence: base t stands in bits 2 (t % 16) of word t / 16.
EXPLAINN_HOST_DEVICE constexpr std::int64_t base_words(std::int64_t length) {
  return (length + 15) / 16;
}
/// Words of its mask: base t is unknown where bit t % 32 of word t / 32 is 1.
EXPLAINN_HOST_DEVICE constexpr std::int64_t mask_words(std::int64_t length) {
  return (length + 31) / 32;
}

/// Sequences of one length with their labels, in one device's memory (not owned).
struct PackedSamples {
  std::int64_t sequences;        ///< N
  std::int64_t length;           ///< L
  std::int64_t label_columns;    ///< of a sequence; 0 where there are no labels
  bool both_strands;             ///< samples N .. 2 N - 1 are the reverse complements of 0 .. N - 1
  const std::uint32_t* bases;    ///< [N, base_words(L)]; an unknown base stands as 0
  const std::uint32_t* unknown;  ///< [N, mask_words(L)]; null: no base is unknown
  const float* labels;           ///< [N, label_columns], NaN where unresolved

  EXPLAINN_HOST_DEVICE std::int64_t samples() const {
    return both_strands ? 2 * sequences : sequences;
  }
};

/// Which sample stands at which place of an epoch: their own order, or a permutation of all.
struct SampleOrder {
  bool shuffled = false;
  std::uint64_t size = 0;  ///< samples; the rest counts where shuffled
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;

  EXPLAINN_HOST_DEVICE std::int64_t at(std::int64_t place) const {
    if (!shuffled) return place;
    return static_cast<std::int64_t>(
        Permutation(size, seed, epoch)(static_cast<std::uint64_t>(place)));
  }
};

}  // namespace explainn::kernels
