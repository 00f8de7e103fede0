// Votes and reductions of a warp under CUDA's names.
#pragma once

#include "simt/warp.h"

inline unsigned __ballot_sync(unsigned mask, int predicate, SIMT_HERE) {
  using namespace explainn::simt;
  return static_cast<unsigned>(exchanged(mask, predicate != 0, ballot, place));
}
inline int __any_sync(unsigned mask, int predicate, SIMT_HERE) {
  return __ballot_sync(mask, predicate, place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, SIMT_HERE) {
  return __ballot_sync(mask, predicate == 0, place) == 0;
}
template <typename T>
unsigned __match_any_sync(unsigned mask, T value, SIMT_HERE) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return static_cast<unsigned>(
      explainn::simt::exchanged(mask, bits, explainn::simt::match_any, place));
}

#define SIMT_REDUCTION(name, type, exchange)                                                    \
  inline type name(unsigned mask, type value, SIMT_HERE) {                                      \
    return static_cast<type>(explainn::simt::exchanged(mask, static_cast<std::uint64_t>(value), \
                                                       explainn::simt::exchange, place));       \
  }
SIMT_REDUCTION(__reduce_add_sync, int, reduce_add)
SIMT_REDUCTION(__reduce_add_sync, unsigned, reduce_add)
SIMT_REDUCTION(__reduce_min_sync, int, reduce_min_signed)
SIMT_REDUCTION(__reduce_min_sync, unsigned, reduce_min_unsigned)
SIMT_REDUCTION(__reduce_max_sync, int, reduce_max_signed)
SIMT_REDUCTION(__reduce_max_sync, unsigned, reduce_max_unsigned)
SIMT_REDUCTION(__reduce_and_sync, unsigned, reduce_and)
SIMT_REDUCTION(__reduce_or_sync, unsigned, reduce_or)
SIMT_REDUCTION(__reduce_xor_sync, unsigned, reduce_xor)
#undef SIMT_REDUCTION
