// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). A number depends on (seed, counter) alone, never on who draws it or when.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/base/host_device.h"

namespace explainn {

/// The fourth counter word: what the numbers are for. `dropout + i` belongs to hidden layer i.
enum class Stream : std::uint32_t {
  initialisation = 0,
  shuffle = 1,
  dropout = 2,
  sampling = 64,
  sequence_shuffle = 65
};

using PhiloxBlock = std::array<std::uint32_t, 4>;

/// The four 32-bit words of block `block` for (`seed`, `step`, `stream`): key = seed, counter =
/// (block low, block high, step, stream).
EXPLAINN_HOST_DEVICE inline PhiloxBlock philox(std::uint64_t seed, std::uint64_t block,
                                               std::uint32_t step, std::uint32_t stream) {
  std::uint32_t c0 = static_cast<std::uint32_t>(block);
  std::uint32_t c1 = static_cast<std::uint32_t>(block >> 32);
  std::uint32_t c2 = step;
  std::uint32_t c3 = stream;
  std::uint32_t k0 = static_cast<std::uint32_t>(seed);
  std::uint32_t k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return {c0, c1, c2, c3};
}

/// A word as a uniform number in [0, 1) with 24 random bits, exact in float and double.
EXPLAINN_HOST_DEVICE inline double unit_interval(std::uint32_t word) {
  return static_cast<double>(word >> 8) * (1.0 / 16777216.0);
}

}  // namespace explainn
