// Packed sequences, a word of bases at a time. Included by loops_source.h alone.
#pragma once

#include <cstring>

#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

inline constexpr std::int64_t kWordBases = 29;  // that bases_from() holds wherever it begins

// The bases from t on, two bits each, the first the lowest.
[[gnu::always_inline]] inline std::uint64_t bases_from(const std::uint8_t* packed, std::int64_t t) {
  const auto base = static_cast<std::uint64_t>(t);
  std::uint64_t word = 0;
  std::memcpy(&word, packed + base / 4, sizeof word);  // little-endian
  return word >> (base % 4 * 2);
}

inline bool all_known(const EncodedSequence& s, std::int64_t t, std::int64_t count) {
  return s.unknown == nullptr || s.unknown[t] == s.unknown[t + count];
}

}  // namespace
}  // namespace explainn::kernels
