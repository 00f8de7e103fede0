// The random numbers behind dropout: a hash of the element's number under keys drawn by Philox, an
// order of magnitude cheaper than a Philox block for every eight elements.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/base/philox.h"
#include "kernels/dropout/dropout.h"

namespace explainn::kernels {

/// Keys of 2^32 pairs of elements.
struct DropoutKeys {
  std::uint32_t before, between;
};

/// Of the pairs page 2^32 .. (page + 1) 2^32 - 1: the first two words of Philox block `page`.
EXPLAINN_HOST_DEVICE inline DropoutKeys dropout_keys(const DropoutParams& p, std::uint64_t page) {
  const PhiloxBlock words = philox(p.seed, page, p.step, p.stream);
  return {words[0], words[1]};
}

/// Constants by Chris Wellons, "Prospecting for hash functions", 2018, found by a search for the
/// least bias.
inline constexpr std::uint32_t kDropoutFirst = 0x7FEB352DU;
inline constexpr std::uint32_t kDropoutSecond = 0x846CA68BU;

/// Decides the elements 2 i (low 16 bits) and 2 i + 1 (high 16 bits), where `pair` are the low 32
/// bits of i. The second key stands between the two multiplications, so that two keys never give
/// the same numbers in another order.
EXPLAINN_HOST_DEVICE inline std::uint32_t dropout_hash(DropoutKeys keys, std::uint32_t pair) {
  std::uint32_t x = pair ^ keys.before;
  x = (x ^ (x >> 16)) * kDropoutFirst;
  x = (x ^ (x >> 15) ^ keys.between) * kDropoutSecond;
  return x ^ (x >> 16);
}

/// An element is kept if its 16 bits are at least this.
inline std::uint32_t dropout_threshold(double probability) {
  return static_cast<std::uint32_t>(std::lround(probability * 65536));
}

}  // namespace explainn::kernels
