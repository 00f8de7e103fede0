// exp, a vector at a time. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// The function of functors.h, a vector at a time.
template <int Bytes>
[[gnu::always_inline]] inline typename Vectors<float, Bytes>::Real exponential_of(
    typename Vectors<float, Bytes>::Real x) {
  using Float = typename Vectors<float, Bytes>::Real;
  using Int = typename Vectors<float, Bytes>::Int;
  using V = Vectors<float, Bytes>;
  const Float high = V::broadcast(89.0F);
  x = V::larger(x, V::broadcast(-104.0F));
  x = x > high ? high : x;
  constexpr float kRounder = 12582912.0F;
  const Float shifted = x * 1.44269504F + kRounder;
  const Float k = shifted - kRounder;
  const Float r = (x - k * 0.693359375F) - k * -2.12194440e-4F;
  Float sum = Float{} + 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
#if defined(__AVX512F__)
  if constexpr (Bytes == 64) {
    return reinterpret_cast<Float>(
        _mm512_maskz_scalef_ps(0xFFFF, reinterpret_cast<__m512>(sum), reinterpret_cast<__m512>(k)));
  }
#endif
  const Int exponent = reinterpret_cast<Int>(shifted) - 0x4B400000;
  const Int half = exponent >> 1;
  const Int first = (half + 127) << 23;
  const Int second = (exponent - half + 127) << 23;
  return sum * reinterpret_cast<Float>(first) * reinterpret_cast<Float>(second);
}

template <typename T, int Bytes>
void exponentials(std::int64_t size, T* values) {
  if constexpr (std::is_same_v<T, double>) {
    for (std::int64_t i = 0; i < size; ++i) values[i] = __builtin_exp(values[i]);
  } else {
    using V = Vectors<T, Bytes>;
    std::int64_t i = 0;
    for (; i + V::kLanes <= size; i += V::kLanes) {
      V::store(values + i, exponential_of<Bytes>(V::load(values + i)));
    }
    T rest[V::kLanes] = {};
    for (std::int64_t j = i; j < size; ++j) rest[j - i] = values[j];
    V::store(rest, exponential_of<Bytes>(V::load(rest)));
    for (; i < size; ++i) values[i] = rest[i % V::kLanes];
  }
}

}  // namespace
}  // namespace explainn::kernels
