// A dense layer: every output is a weighted sum of all inputs.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

struct LinearParams {
  std::int64_t rows;  ///< B
  std::int64_t in;    ///< I
  std::int64_t out;   ///< O
};

/// y [B, O] = x [B, I] w' + bias, w [O, I], bias [O] (null: none). A row's bits do not
/// depend on the number of rows.
template <typename T>
void linear_forward(const LinearParams& p, const T* x, const T* w, const T* bias, T* y);

/// dx [B, I] = dy w, dw [O, I] = dy' x, dbias [O] = sum of dy over rows.
template <typename T>
void linear_backward(const LinearParams& p, const T* x, const T* w, const T* dy, Gradient<T> dx,
                     Gradient<T> dw, Gradient<T> dbias);

// The same on `device`, where all memory must lie. That a row's bits do not depend on the number of
// rows is promised for the CPU alone.
template <typename T>
void linear_forward(Device device, const LinearParams& p, const T* x, const T* w, const T* bias,
                    T* y);
template <typename T>
void linear_backward(Device device, const LinearParams& p, const T* x, const T* w, const T* dy,
                     Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias);

// On the GPU in use.
namespace cuda {
template <typename T>
void linear_forward(const LinearParams& p, const T* x, const T* w, const T* bias, T* y);
template <typename T>
void linear_backward(const LinearParams& p, const T* x, const T* w, const T* dy, Gradient<T> dx,
                     Gradient<T> dw, Gradient<T> dbias);
}  // namespace cuda

}  // namespace explainn::kernels
