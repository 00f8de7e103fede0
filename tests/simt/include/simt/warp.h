// Barriers and shuffles under CUDA's names.
#pragma once

#include <bit>
#include <cstring>
#include <type_traits>

#include "simt/device.h"

namespace explainn::simt {

/// What a lane brings to an exchange of values and takes from it.
struct LaneValue {
  std::uint64_t value = 0;
  std::uint64_t result = 0;
  unsigned source = 0;  ///< the lane that a shuffle reads
};

// Exchanges; slots are LaneValues.
void shuffle(void* const (&slots)[32]);
void ballot(void* const (&slots)[32]);
void match_any(void* const (&slots)[32]);
void reduce_add(void* const (&slots)[32]);
void reduce_min_signed(void* const (&slots)[32]);
void reduce_max_signed(void* const (&slots)[32]);
void reduce_min_unsigned(void* const (&slots)[32]);
void reduce_max_unsigned(void* const (&slots)[32]);
void reduce_and(void* const (&slots)[32]);
void reduce_or(void* const (&slots)[32]);
void reduce_xor(void* const (&slots)[32]);

inline std::uint64_t exchanged(unsigned mask, std::uint64_t value, Exchange exchange,
                               const Place& place) {
  LaneValue slot{value, 0, 0};
  warp_exchange(mask, &slot, exchange, place);
  return slot.result;
}

/// The value of lane `source`, all ones where the mask does not name it.
template <typename T>
T shuffled(unsigned mask, T value, unsigned source, const Place& place) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  LaneValue slot{0, 0, source};
  std::memcpy(&slot.value, &value, sizeof(T));
  warp_exchange(mask, &slot, shuffle, place);
  std::memcpy(&value, &slot.result, sizeof(T));
  return value;
}

}  // namespace explainn::simt

#define SIMT_HERE const std::source_location& place = std::source_location::current()

inline void __syncthreads(SIMT_HERE) {
  explainn::simt::block_barrier(false, place);
}
inline int __syncthreads_count(int predicate, SIMT_HERE) {
  return explainn::simt::block_barrier(predicate != 0, place);
}
inline int __syncthreads_or(int predicate, SIMT_HERE) {
  return explainn::simt::block_barrier(predicate != 0, place) > 0;
}
inline int __syncthreads_and(int predicate, SIMT_HERE) {
  return explainn::simt::block_barrier(predicate == 0, place) == 0;
}
inline void __syncwarp(unsigned mask = ~0U, SIMT_HERE) {
  explainn::simt::warp_barrier(mask, place);
}

// A shuffle stays within parts of `width` lanes, a power of two.
template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMT_HERE) {
  const unsigned part = static_cast<unsigned>(width);
  const unsigned first = explainn::simt::lane() & ~(part - 1);
  return explainn::simt::shuffled(mask, value, first + (static_cast<unsigned>(source) & (part - 1)),
                                  place);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_HERE) {
  const unsigned own = explainn::simt::lane();
  const unsigned within = own & (static_cast<unsigned>(width) - 1);
  return explainn::simt::shuffled(mask, value, within >= delta ? own - delta : own, place);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_HERE) {
  const unsigned own = explainn::simt::lane();
  const unsigned part = static_cast<unsigned>(width);
  const bool inside = delta < part && (own & (part - 1)) + delta < part;
  return explainn::simt::shuffled(mask, value, inside ? own + delta : own, place);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, SIMT_HERE) {
  const unsigned own = explainn::simt::lane();
  const unsigned part = static_cast<unsigned>(width);
  const unsigned source = own ^ static_cast<unsigned>(lanes);
  // Earlier parts may be read, later ones not.
  const bool readable = source < 32 && source / part <= own / part;
  return explainn::simt::shuffled(mask, value, readable ? source : own, place);
}
