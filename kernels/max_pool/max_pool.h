// Maximum over windows of positions.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

struct MaxPoolParams {
  std::int64_t rows;    ///< B C
  std::int64_t length;  ///< n >= width
  std::int64_t width;   ///< P >= 1
  std::int64_t stride;  ///< S >= 1; with S < P windows overlap

  constexpr std::int64_t pooled() const { return (length - width) / stride + 1; }  ///< Q
};

/// y [rows, Q] = the largest of x [rows, n] in each window; index [rows, Q] (null: not wanted) its
/// position in the row, the first one on ties. A NaN in a window wins.
template <typename T>
void max_pool_forward(const MaxPoolParams& p, const T* x, T* y, std::int32_t* index);

/// dx [rows, n]: every dy goes to its window's maximum; a position that won twice gets the sum.
template <typename T>
void max_pool_backward(const MaxPoolParams& p, const std::int32_t* index, const T* dy,
                       Gradient<T> dx);

// The same on `device`, where all memory must lie.
template <typename T>
void max_pool_forward(Device device, const MaxPoolParams& p, const T* x, T* y, std::int32_t* index);
template <typename T>
void max_pool_backward(Device device, const MaxPoolParams& p, const std::int32_t* index,
                       const T* dy, Gradient<T> dx);

// On the GPU in use.
namespace cuda {
template <typename T>
void max_pool_forward(const MaxPoolParams& p, const T* x, T* y, std::int32_t* index);
template <typename T>
void max_pool_backward(const MaxPoolParams& p, const std::int32_t* index, const T* dy,
                       Gradient<T> dx);
}  // namespace cuda

}  // namespace explainn::kernels
