// CUDA's functions of one thread.
#pragma once

#include <type_traits>

#include "simt/arithmetic.h"
#include "simt/bits.h"
#include "simt/conversions.h"
#include "simt/device.h"

// Loads and stores with hints for the cache.
#define SIMT_LOAD(name)      \
  template <typename T>      \
  T name(const T* address) { \
    return *address;         \
  }
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldlu)
#undef SIMT_LOAD
#define SIMT_STORE(name)                                 \
  template <typename T>                                  \
  void name(T* address, std::type_identity_t<T> value) { \
    *address = value;                                    \
  }
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwb)
SIMT_STORE(__stwt)
#undef SIMT_STORE

inline long long clock64() {
  return explainn::simt::ticks();
}
inline void __trap(const std::source_location& place = std::source_location::current()) {
  explainn::simt::trap(place);
}
#define __builtin_assume(condition) static_cast<void>(0)
