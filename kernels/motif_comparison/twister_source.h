// The Mersenne Twister. Included by loops_source.h alone.
#pragma once

#include <cstdint>

#include "kernels/motif_comparison/loops.h"

namespace explainn::kernels {
namespace {

[[gnu::always_inline]] inline std::uint32_t twisted(std::uint32_t upper, std::uint32_t lower,
                                                    std::uint32_t far) {
  const std::uint32_t y = (upper & 0x80000000U) | (lower & 0x7fffffffU);
  return far ^ (y >> 1) ^ (-(y & 1U) & 0x9908b0dfU);
}

// Matsumoto & Nishimura 1998, ACM TOMACS 8:3.
void twist(const std::uint32_t* __restrict state, std::uint32_t* __restrict next) {
  constexpr std::int64_t kFar = 397;
  constexpr std::int64_t kRest = kTwisterWords - kFar;
  for (std::int64_t i = 0; i < kRest; ++i) {
    next[i] = twisted(state[i], state[i + 1], state[i + kFar]);
  }
  // Pieces no longer than the distance to what they read of the new state.
  for (std::int64_t begin = kRest; begin < kTwisterWords - 1; begin += kRest) {
    const std::int64_t end = begin + kRest < kTwisterWords - 1 ? begin + kRest : kTwisterWords - 1;
    const std::uint32_t* const far = next - kRest;
#pragma GCC ivdep
    for (std::int64_t i = begin; i < end; ++i) {
      next[i] = twisted(state[i], state[i + 1], far[i]);
    }
  }
  next[kTwisterWords - 1] = twisted(state[kTwisterWords - 1], next[0], next[kFar - 1]);
}

[[gnu::always_inline]] inline std::uint32_t tempered(std::uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

void temper(const std::uint32_t* state, std::int64_t count, std::uint32_t* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = tempered(state[i]);
}

bool draw(const DrawParams& p) {
  const std::uint32_t* __restrict const state = p.state;
  std::uint32_t* __restrict const drawn = p.drawn;
  const std::uint64_t tests = p.tests;
  // What the second word and rounding can add to or take from the lower half of the product.
  const std::uint32_t reach = p.tests + 2;
  std::uint32_t doubtful = 0;
  for (std::int64_t i = 0; i < p.draws; ++i) {
    const std::uint64_t product = tempered(state[2 * i]) * tests;
    drawn[i] = static_cast<std::uint32_t>(product >> 32);
    const std::uint32_t rest = static_cast<std::uint32_t>(product) + reach;
    doubtful |= static_cast<std::uint32_t>(rest <= 2 * reach);
  }
  return doubtful != 0;
}

}  // namespace
}  // namespace explainn::kernels
