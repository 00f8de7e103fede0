// CUDA's conversions between whole numbers, floats and their bits.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

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
