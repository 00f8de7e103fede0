// Functions applied to every element, and softmax, which is one a row.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"
#include "kernels/elementwise/functors.h"

namespace explainn::kernels {

/// y[i] = Function::value(x[i]) for i < size; y may be x. Function: Exp, Relu or Sigmoid.
template <typename Function, typename T>
void map_forward(std::int64_t size, const T* x, T* y);

/// dx[i] = dy[i] Function::derivative(y[i]).
template <typename Function, typename T>
void map_backward(std::int64_t size, const T* y, const T* dy, Gradient<T> dx);

struct SoftmaxParams {
  std::int64_t rows;
  std::int64_t columns;
};

/// y [rows, columns]: exp(x - max x) over its sum, a row at a time.
template <typename T>
void softmax_forward(const SoftmaxParams& p, const T* x, T* y);

/// dx = y (dy - sum(dy y)), a row at a time.
template <typename T>
void softmax_backward(const SoftmaxParams& p, const T* y, const T* dy, Gradient<T> dx);

/// out[i] = or += factor * in[i].
template <typename T>
void scale_into(std::int64_t size, T factor, const T* in, Gradient<T> out);

// The same on `device`, where all memory must lie.
template <typename Function, typename T>
void map_forward(Device device, std::int64_t size, const T* x, T* y);
template <typename Function, typename T>
void map_backward(Device device, std::int64_t size, const T* y, const T* dy, Gradient<T> dx);
template <typename T>
void softmax_forward(Device device, const SoftmaxParams& p, const T* x, T* y);
template <typename T>
void softmax_backward(Device device, const SoftmaxParams& p, const T* y, const T* dy,
                      Gradient<T> dx);
template <typename T>
void scale_into(Device device, std::int64_t size, T factor, const T* in, Gradient<T> out);

// On the GPU in use.
namespace cuda {
template <typename Function, typename T>
void map_forward(std::int64_t size, const T* x, T* y);
template <typename Function, typename T>
void map_backward(std::int64_t size, const T* y, const T* dy, Gradient<T> dx);
template <typename T>
void softmax_forward(const SoftmaxParams& p, const T* x, T* y);
template <typename T>
void softmax_backward(const SoftmaxParams& p, const T* y, const T* dy, Gradient<T> dx);
template <typename T>
void scale_into(std::int64_t size, T factor, const T* in, Gradient<T> out);
}  // namespace cuda

}  // namespace explainn::kernels
