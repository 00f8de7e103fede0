// Polynomials by Horner's scheme.
#pragma once

#include "kernels/base/host_device.h"

namespace explainn::kernels {

/// c0 + c1 x + c2 x^2 + ..: polynomial(x, c0, c1, ..).
template <typename T>
EXPLAINN_HOST_DEVICE constexpr T polynomial(T, T last) {
  return last;
}
template <typename T, typename... Rest>
EXPLAINN_HOST_DEVICE constexpr T polynomial(T x, T first, Rest... rest) {
  return polynomial(x, rest...) * x + first;
}

}  // namespace explainn::kernels
