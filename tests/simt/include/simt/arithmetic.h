// CUDA's arithmetic with a rounding of its own, fast functions, min and max. Here all are exact to
// the last bit or two, and nothing is contracted.
#pragma once

#include <math.h>

#include <cmath>

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
