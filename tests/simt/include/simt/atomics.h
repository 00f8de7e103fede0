// Atomic operations under CUDA's names. They order no memory; __threadfence() does. Those of floats
// are left out on purpose: their sums depend on the order.
#pragma once

#include <algorithm>

#include "simt/device.h"

namespace explainn::simt {

template <typename T, typename Change>
T atomic_change(T* address, Change change) {
  at_atomic(address);
  T old = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(address, &old, change(old), false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
  }
  return old;
}

}  // namespace explainn::simt

#define SIMT_ATOMIC(name, type, changed)                                                     \
  inline type name(type* address, type value) {                                              \
    return explainn::simt::atomic_change(                                                    \
        address, [value]([[maybe_unused]] type old) { return static_cast<type>(changed); }); \
  }
#define SIMT_ATOMIC_3(name, changed)       \
  SIMT_ATOMIC(name, int, changed)          \
  SIMT_ATOMIC(name, unsigned int, changed) \
  SIMT_ATOMIC(name, unsigned long long, changed)

// The integer sums wrap around.
SIMT_ATOMIC(atomicAdd, int, static_cast<unsigned>(old) + static_cast<unsigned>(value))
SIMT_ATOMIC(atomicAdd, unsigned int, old + value)
SIMT_ATOMIC(atomicAdd, unsigned long long, old + value)
SIMT_ATOMIC(atomicSub, int, static_cast<unsigned>(old) - static_cast<unsigned>(value))
SIMT_ATOMIC(atomicSub, unsigned int, old - value)
SIMT_ATOMIC_3(atomicExch, value)
SIMT_ATOMIC_3(atomicMin, std::min(old, value))
SIMT_ATOMIC(atomicMin, long long, std::min(old, value))
SIMT_ATOMIC_3(atomicMax, std::max(old, value))
SIMT_ATOMIC(atomicMax, long long, std::max(old, value))
SIMT_ATOMIC_3(atomicAnd, old& value)
SIMT_ATOMIC_3(atomicOr, old | value)
SIMT_ATOMIC_3(atomicXor, old ^ value)
SIMT_ATOMIC(atomicInc, unsigned int, old >= value ? 0 : old + 1)
SIMT_ATOMIC(atomicDec, unsigned int, old == 0 || old > value ? value : old - 1)
#undef SIMT_ATOMIC_3
#undef SIMT_ATOMIC

#define SIMT_CAS(type)                                                                \
  inline type atomicCAS(type* address, type expected, type desired) {                 \
    explainn::simt::at_atomic(address);                                               \
    __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_RELAXED, \
                                __ATOMIC_RELAXED);                                    \
    return expected;                                                                  \
  }
SIMT_CAS(int)
SIMT_CAS(unsigned int)
SIMT_CAS(unsigned long long)
#undef SIMT_CAS

float atomicAdd(float*, float) = delete;
double atomicAdd(double*, double) = delete;

inline void __threadfence() {
  explainn::simt::fence();
}
inline void __threadfence_block() {
  explainn::simt::fence();
}
inline void __threadfence_system() {
  explainn::simt::fence();
}
inline void __nanosleep(unsigned) {
  explainn::simt::pause();
}
