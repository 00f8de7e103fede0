// Dropout whose every decision follows from (seed, step, stream, element), whoever makes it.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

struct DropoutParams {
  double probability;  ///< of being dropped, in [0, 1)
  std::uint64_t seed;
  std::uint32_t step;    ///< the training step, from 0
  std::uint32_t stream;  ///< Stream::dropout + index of the layer

  double scale() const { return 1 / (1 - probability); }
};

/// kept[e] = 1 or 0 for the elements e = 0..size-1 of the whole batch. Two elements share one
/// 32-bit number (decisions.h); one is kept if its 16 bits are >= round(probability * 65536).
void dropout_mask(const DropoutParams& p, std::int64_t size, std::uint8_t* kept);

/// y[i] = or += kept[i] ? scale x[i] : 0. Serves the forward pass and, with dy for x, the backward.
template <typename T>
void dropout_apply(std::int64_t size, double scale, const std::uint8_t* kept, const T* x,
                   Gradient<T> y);

// The same on `device`, where all memory must lie.
void dropout_mask(Device device, const DropoutParams& p, std::int64_t size, std::uint8_t* kept);
template <typename T>
void dropout_apply(Device device, std::int64_t size, double scale, const std::uint8_t* kept,
                   const T* x, Gradient<T> y);

// On the GPU in use.
namespace cuda {
void dropout_mask(const DropoutParams& p, std::int64_t size, std::uint8_t* kept);
template <typename T>
void dropout_apply(std::int64_t size, double scale, const std::uint8_t* kept, const T* x,
                   Gradient<T> y);
}  // namespace cuda

}  // namespace explainn::kernels
