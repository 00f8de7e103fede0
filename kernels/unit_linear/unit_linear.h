// A small dense layer for each unit on its own (PyTorch: Conv1d of width 1 with groups = units).
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

struct UnitLinearParams {
  std::int64_t batch;  ///< B
  std::int64_t units;  ///< U
  std::int64_t in;     ///< I inputs a unit
  std::int64_t out;    ///< O outputs a unit
};

/// y [B, U, O]: y[b, u] = w[u] x[b, u] + bias[u] with x [B, U, I], w [U, O, I], bias [U, O] (null:
/// none).
template <typename T>
void unit_linear_forward(const UnitLinearParams& p, const T* x, const T* w, const T* bias, T* y);

/// dx [B, U, I], dw [U, O, I], dbias [U, O].
template <typename T>
void unit_linear_backward(const UnitLinearParams& p, const T* x, const T* w, const T* dy,
                          Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias);

// The same on `device`, where all memory must lie.
template <typename T>
void unit_linear_forward(Device device, const UnitLinearParams& p, const T* x, const T* w,
                         const T* bias, T* y);
template <typename T>
void unit_linear_backward(Device device, const UnitLinearParams& p, const T* x, const T* w,
                          const T* dy, Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias);

// On the GPU in use.
namespace cuda {
template <typename T>
void unit_linear_forward(const UnitLinearParams& p, const T* x, const T* w, const T* bias, T* y);
template <typename T>
void unit_linear_backward(const UnitLinearParams& p, const T* x, const T* w, const T* dy,
                          Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias);
}  // namespace cuda

}  // namespace explainn::kernels
