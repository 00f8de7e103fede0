// A permutation of 0..size-1 that is computed, not stored: a Feistel network over the smallest even
// number of bits that holds `size`, its round function Philox, walked until the value is in range.
#pragma once

#include <cstdint>

#include "kernels/base/philox.h"

namespace explainn {

/// The order of the samples in one epoch. Equal (size, seed, epoch) give equal orders everywhere.
class Permutation {
 public:
  /// Requires 0 < size <= 2^62.
  EXPLAINN_HOST_DEVICE Permutation(std::uint64_t size, std::uint64_t seed, std::uint32_t epoch)
      : size_(size), seed_(seed), epoch_(epoch) {
    while ((std::uint64_t{1} << (2 * half_bits_)) < size) ++half_bits_;
  }

  /// The element at `position` (0 <= position < size). Cycle walking ends after fewer than four
  /// rounds on average, since the domain is less than four times `size`.
  EXPLAINN_HOST_DEVICE std::uint64_t operator()(std::uint64_t position) const {
    std::uint64_t value = position;
    do value = encrypt(value);
    while (value >= size_);
    return value;
  }

 private:
  static constexpr std::uint32_t kRounds = 6;

  EXPLAINN_HOST_DEVICE std::uint64_t encrypt(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_;
    std::uint64_t right = value & mask;
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      // The round number stands above the half word, which has at most 31 bits.
      const PhiloxBlock random = philox(seed_, right | (std::uint64_t{round} << 32), epoch_,
                                        static_cast<std::uint32_t>(Stream::shuffle));
      const std::uint64_t next = left ^ (random[0] & mask);
      left = right;
      right = next;
    }
    return (left << half_bits_) | right;
  }

  std::uint64_t size_;
  std::uint64_t seed_;
  std::uint32_t epoch_;
  std::uint32_t half_bits_ = 1;
};

}  // namespace explainn
