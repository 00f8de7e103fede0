// Mean and covariance of all one-hot windows of a batch: with them a batch norm after the
// convolution knows each unit's statistics before the convolution is computed.
#pragma once

#include <cstdint>

#include "kernels/base/instruction_set.h"
#include "kernels/memory.h"

namespace explainn::kernels {

/// Windows of `filter` bases in `rows` sequences of `length`, each window a vector x of 4 K zeros
/// and ones (entry 4 k + base). An unknown base is four zeros.
struct WindowMoments {
  std::int64_t count;         ///< N = rows (L - K + 1)
  Buffer<double> mean;        ///< [4 K]
  Buffer<double> covariance;  ///< [4 K, stride], biased; 0 in the padding
  std::int64_t stride;        ///< 4 K, padded

  std::int64_t entries() const { return mean.size(); }
};

/// bases [rows, L], 0..3 or 4 for unknown. Requires 1 <= filter <= length and rows >= 1. Counts
/// are exact integers; they are centred in double.
WindowMoments window_moments(const std::uint8_t* bases, std::int64_t rows, std::int64_t length,
                             std::int64_t filter, InstructionSet set = chosen_instruction_set());

}  // namespace explainn::kernels
