// CUDA's functions of one thread.
#pragma once

#include <math.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "simt/device.h"

inline int __popc(unsigned x) {
  return std::popcount(x);
}
inline int __popcll(unsigned long long x) {
  return std::popcount(x);
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline int __ffsll(long long x) {
  return __builtin_ffsll(x);
}
inline int __clz(int x) {
  return std::countl_zero(static_cast<unsigned>(x));
}
inline int __clzll(long long x) {
  return std::countl_zero(static_cast<unsigned long long>(x));
}
inline unsigned long long __brevll(unsigned long long x) {
  unsigned long long reversed = 0;
  for (int bit = 0; bit < 64; ++bit) reversed |= (x >> bit & 1) << (63 - bit);
  return reversed;
}
inline unsigned __brev(unsigned x) {
  return static_cast<unsigned>(__brevll(x) >> 32);
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  const std::uint64_t both = std::uint64_t{high} << 32 | low;
  return static_cast<unsigned>(both << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  const std::uint64_t both = std::uint64_t{high} << 32 | low;
  return static_cast<unsigned>(both >> (shift & 31));
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const std::uint64_t both = std::uint64_t{y} << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned choice = selector >> (4 * i) & 15;
    unsigned byte = static_cast<unsigned>(both >> (8 * (choice & 7))) & 0xFF;
    if ((choice & 8) != 0) byte = (byte & 0x80) != 0 ? 0xFF : 0;  // the sign, spread
    result |= byte << (8 * i);
  }
  return result;
}
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(std::uint64_t{x} * y >> 32);
}
inline int __mulhi(int x, int y) {
  return static_cast<int>(std::int64_t{x} * y >> 32);
}
__extension__ typedef unsigned __int128 simt_uint128;
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>(static_cast<simt_uint128>(x) * y >> 64);
}

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

inline float __fadd_rn(float x, float y) {
  return x + y;
}
inline float __fsub_rn(float x, float y) {
  return x - y;
}
inline float __fmul_rn(float x, float y) {
  return x * y;
}
inline float __fdiv_rn(float x, float y) {
  return x / y;
}
inline float __fdividef(float x, float y) {
  return x / y;
}
inline float __fmaf_rn(float x, float y, float z) {
  return std::fma(x, y, z);
}
inline float __frcp_rn(float x) {
  return 1.0F / x;
}
inline float __fsqrt_rn(float x) {
  return std::sqrt(x);
}
inline float __frsqrt_rn(float x) {
  return static_cast<float>(1.0 / std::sqrt(double{x}));
}
inline float __saturatef(float x) {
  return x > 1 ? 1 : x > 0 ? x : 0;
}
inline double __dadd_rn(double x, double y) {
  return x + y;
}
inline double __dsub_rn(double x, double y) {
  return x - y;
}
inline double __dmul_rn(double x, double y) {
  return x * y;
}
inline double __ddiv_rn(double x, double y) {
  return x / y;
}
inline double __dsqrt_rn(double x) {
  return std::sqrt(x);
}
inline double __fma_rn(double x, double y, double z) {
  return std::fma(x, y, z);
}
// The C library has some of these names for itself.
#define __expf(x) (::std::exp(float{x}))
#define __exp10f(x) (::std::pow(10.0F, float{x}))
#define __logf(x) (::std::log(float{x}))
#define __log2f(x) (::std::log2(float{x}))
#define __log10f(x) (::std::log10(float{x}))
#define __powf(x, y) (::std::pow(float{x}, float{y}))
#define __sinf(x) (::std::sin(float{x}))
#define __cosf(x) (::std::cos(float{x}))
#define rsqrtf(x) (__frsqrt_rn(x))
#define rsqrt(x) (1.0 / ::std::sqrt(double{x}))

inline int __float_as_int(float x) {
  return std::bit_cast<int>(x);
}
inline unsigned __float_as_uint(float x) {
  return std::bit_cast<unsigned>(x);
}
inline float __int_as_float(int x) {
  return std::bit_cast<float>(x);
}
inline float __uint_as_float(unsigned x) {
  return std::bit_cast<float>(x);
}
inline long long __double_as_longlong(double x) {
  return std::bit_cast<long long>(x);
}
inline double __longlong_as_double(long long x) {
  return std::bit_cast<double>(x);
}

namespace explainn::simt {

/// Rounds as the device does where the number does not fit: to the nearest end; NaN to 0.
template <typename Whole, typename Real>
Whole rounded(Real x) {
  if (std::isnan(x)) return 0;
  const Real whole = std::nearbyint(x);
  const Real end = std::ldexp(Real{1}, std::numeric_limits<Whole>::digits);
  if (whole >= end) return std::numeric_limits<Whole>::max();
  if (whole < (std::is_signed_v<Whole> ? -end : Real{0})) return std::numeric_limits<Whole>::min();
  return static_cast<Whole>(whole);
}

}  // namespace explainn::simt

inline int __float2int_rn(float x) {
  return explainn::simt::rounded<int>(x);
}
inline unsigned __float2uint_rn(float x) {
  return explainn::simt::rounded<unsigned>(x);
}
inline long long __float2ll_rn(float x) {
  return explainn::simt::rounded<long long>(x);
}
inline int __double2int_rn(double x) {
  return explainn::simt::rounded<int>(x);
}
inline long long __double2ll_rn(double x) {
  return explainn::simt::rounded<long long>(x);
}
inline unsigned long long __double2ull_rn(double x) {
  return explainn::simt::rounded<unsigned long long>(x);
}
inline int __float2int_rd(float x) {
  return explainn::simt::rounded<int>(std::floor(x));
}
inline int __float2int_ru(float x) {
  return explainn::simt::rounded<int>(std::ceil(x));
}
inline int __float2int_rz(float x) {
  return explainn::simt::rounded<int>(std::trunc(x));
}
inline float __int2float_rn(int x) {
  return static_cast<float>(x);
}
inline float __uint2float_rn(unsigned x) {
  return static_cast<float>(x);
}
inline float __ll2float_rn(long long x) {
  return static_cast<float>(x);
}
inline float __ull2float_rn(unsigned long long x) {
  return static_cast<float>(x);
}
inline double __ll2double_rn(long long x) {
  return static_cast<double>(x);
}
inline float __double2float_rn(double x) {
  return static_cast<float>(x);
}

#define SIMT_EXTREMA(type)             \
  constexpr type min(type x, type y) { \
    return y < x ? y : x;              \
  }                                    \
  constexpr type max(type x, type y) { \
    return x < y ? y : x;              \
  }
SIMT_EXTREMA(int)
SIMT_EXTREMA(unsigned int)
SIMT_EXTREMA(long)
SIMT_EXTREMA(unsigned long)
SIMT_EXTREMA(long long)
SIMT_EXTREMA(unsigned long long)
#undef SIMT_EXTREMA
inline float min(float x, float y) {
  return std::fmin(x, y);
}
inline float max(float x, float y) {
  return std::fmax(x, y);
}
inline double min(double x, double y) {
  return std::fmin(x, y);
}
inline double max(double x, double y) {
  return std::fmax(x, y);
}

inline long long clock64() {
  return explainn::simt::ticks();
}
inline void __trap(const std::source_location& place = std::source_location::current()) {
  explainn::simt::trap(place);
}
#define __builtin_assume(condition) static_cast<void>(0)
