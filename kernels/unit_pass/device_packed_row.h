// Device code: a packed sequence and its mask, read from any base on.
#pragma once

#include "kernels/cuda/device_code.h"
#include "kernels/unit_pass/packed_samples.h"

namespace explainn::kernels {

/// A row of packed bases of which anything may be read: what stands behind its end does not matter,
/// since tables do not depend on the bases behind a filter's last. kBounded: 0 is read there, for
/// rows that nothing readable follows.
template <bool kBounded>
struct PackedRow {
  const std::uint32_t* words;
  const std::uint32_t* mask;  ///< null: no base is unknown
  int length;

  /// Row number `row` of packed rows and their mask (null: no base is unknown).
  __device__ static PackedRow of(const std::uint32_t* bases, const std::uint32_t* unknown,
                                 int length, std::int64_t row) {
    return {bases + row * base_words(length),
            unknown == nullptr ? nullptr : unknown + row * mask_words(length), length};
  }

  __device__ std::uint32_t word(int i) const {
    return !kBounded || i < base_words(length) ? words[i] : 0U;
  }
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
  /// Of 32 bases from t on: which are unknown.
  __device__ std::uint32_t unknown(int t) const {
    if (mask == nullptr) return 0;
    const int i = t / 32;
    const std::uint32_t next = i + 1 < mask_words(length) ? mask[i + 1] : 0U;
    return __funnelshift_r(mask[i], next, static_cast<unsigned>(t % 32));
  }
  /// Whether any of `count` bases from t on is unknown.
  __device__ bool any_unknown(int t, int count) const {
    std::uint32_t found = 0;
    for (int i = 0; mask != nullptr && i < count; i += 32) {
      const std::uint32_t bits = unknown(t + i);
      found |= count - i < 32 ? bits & ((1U << (count - i)) - 1) : bits;
    }
    return found != 0;
  }
};

}  // namespace explainn::kernels
