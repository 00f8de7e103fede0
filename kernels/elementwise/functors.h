// Functions of one number, each with its derivative next to it (in terms of the result y).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/base/host_device.h"
#include "kernels/base/polynomial.h"

namespace explainn::kernels {

/// exp in float without the C library, so that results do not depend on it: x = k ln 2 + r with
/// |r| <= ln(2) / 2, the Taylor series of exp(r) to r^7 (its remainder is below 6e-9), times 2^k in
/// two halves so that neither overflows. Within 2 units in the last place; inf above 88.72, gradual
/// underflow to 0, NaN stays NaN. Branch-free, so compilers vectorise loops over it.
EXPLAINN_HOST_DEVICE inline float exponential(float x) {
  x = x < -104.0F ? -104.0F : x;
  x = x > 89.0F ? 89.0F : x;
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  constexpr float kRounder = 12582912.0F;
  const float shifted = x * 1.44269504F + kRounder;
  const float k = shifted - kRounder;
  const std::int32_t exponent = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(shifted) -
                                                          std::bit_cast<std::uint32_t>(kRounder));
  // ln 2 in two pieces: the first has few bits, so that k times it is exact.
  const float r = (x - k * 0.693359375F) - k * -2.12194440e-4F;
  const float sum =
      polynomial(r, 1.0F, 1.0F, 0.5F, 1.0F / 6, 1.0F / 24, 1.0F / 120, 1.0F / 720, 1.0F / 5040);
  const std::int32_t half = exponent >> 1;
  const auto power = [](std::int32_t e) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23);
  };
  return sum * power(half) * power(exponent - half);
}

EXPLAINN_HOST_DEVICE inline double exponential(double x) {
  return std::exp(x);
}

struct Exp {
  template <typename T>
  EXPLAINN_HOST_DEVICE static T value(T x) {
    return exponential(x);
  }
  template <typename T>
  EXPLAINN_HOST_DEVICE static T derivative(T y) {
    return y;
  }
};

struct Relu {
  template <typename T>
  EXPLAINN_HOST_DEVICE static T value(T x) {
    return x < T{0} ? T{0} : x;  // keeps NaN
  }
  template <typename T>
  EXPLAINN_HOST_DEVICE static T derivative(T y) {
    return y > T{0} ? T{1} : T{0};
  }
};

struct Sigmoid {
  template <typename T>
  EXPLAINN_HOST_DEVICE static T value(T x) {
    return T{1} / (T{1} + exponential(-x));
  }
  template <typename T>
  EXPLAINN_HOST_DEVICE static T derivative(T y) {
    return y * (T{1} - y);
  }
};

}  // namespace explainn::kernels
