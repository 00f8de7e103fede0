// Biases of all kinds of layers.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"

namespace explainn::kernels::cuda {

/// y [batch, channels, inner] += bias [channels]. Does nothing where there is no bias.
template <typename T>
void add_bias(std::int64_t batch, std::int64_t channels, std::int64_t inner, const T* bias, T* y);

/// The gradient of biases: sums [channels] of values [batch, channels, inner] over batch and inner,
/// in double and in an order that the sizes fix. Does nothing where `sums` is not wanted.
template <typename T>
void bias_gradient(std::int64_t batch, std::int64_t channels, std::int64_t inner, const T* values,
                   Gradient<T> sums);

}  // namespace explainn::kernels::cuda
