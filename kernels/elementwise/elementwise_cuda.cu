#include "kernels/cuda/elements.h"
#include "kernels/cuda/reduce.h"
#include "kernels/elementwise/elementwise.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::element;
using explainn::cuda::launch;
using explainn::cuda::thread_each;

constexpr int kRowsPerBlock = 4;  // a warp each

template <typename Function, typename T>
__global__ void map_values(std::int64_t size, const T* x, T* y) {
  const std::int64_t i = element();
  if (i < size) y[i] = Function::value(x[i]);
}

template <typename Function, typename T>
__global__ void map_gradients(std::int64_t size, const T* y, const T* dy, Gradient<T> dx) {
  const std::int64_t i = element();
  if (i < size) dx.put(i, dy[i] * Function::derivative(y[i]));
}

template <typename T>
__global__ void scale(std::int64_t size, T factor, const T* in, Gradient<T> out) {
  const std::int64_t i = element();
  if (i < size) out.put(i, factor * in[i]);
}

// A row a warp.
template <typename T>
__global__ void softmax_rows(SoftmaxParams p, const T* x, T* y) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRowsPerBlock + threadIdx.y;
  if (row >= p.rows) return;  // a whole warp
  const std::int64_t first = row * p.columns;
  T largest = x[first];
  for (std::int64_t j = threadIdx.x; j < p.columns; j += 32) {
    const T value = x[first + j];
    largest = value > largest ? value : largest;
  }
  largest = explainn::cuda::warp_max(largest);
  T sum = 0;
  for (std::int64_t j = threadIdx.x; j < p.columns; j += 32) {
    sum += y[first + j] = exponential(x[first + j] - largest);
  }
  sum = explainn::cuda::warp_sum(sum);
  for (std::int64_t j = threadIdx.x; j < p.columns; j += 32) y[first + j] /= sum;
}

template <typename T>
__global__ void softmax_row_gradients(SoftmaxParams p, const T* y, const T* dy, Gradient<T> dx) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRowsPerBlock + threadIdx.y;
  if (row >= p.rows) return;  // a whole warp
  const std::int64_t first = row * p.columns;
  const std::int64_t end = first + p.columns;
  T dot = 0;
  for (std::int64_t i = first + threadIdx.x; i < end; i += 32) dot += dy[i] * y[i];
  dot = explainn::cuda::warp_sum(dot);
  for (std::int64_t i = first + threadIdx.x; i < end; i += 32) dx.put(i, y[i] * (dy[i] - dot));
}

explainn::cuda::LaunchShape warp_each(std::int64_t rows) {
  return {.grid = explainn::cuda::blocks_for(rows, kRowsPerBlock), .block = {32, kRowsPerBlock}};
}

}  // namespace

template <typename Function, typename T>
void map_forward(std::int64_t size, const T* x, T* y) {
  launch(map_values<Function, T>, thread_each(size), size, x, y);
}

template <typename Function, typename T>
void map_backward(std::int64_t size, const T* y, const T* dy, Gradient<T> dx) {
  if (dx) launch(map_gradients<Function, T>, thread_each(size), size, y, dy, dx);
}

template <typename T>
void softmax_forward(const SoftmaxParams& p, const T* x, T* y) {
  launch(softmax_rows<T>, warp_each(p.rows), p, x, y);
}

template <typename T>
void softmax_backward(const SoftmaxParams& p, const T* y, const T* dy, Gradient<T> dx) {
  if (dx) launch(softmax_row_gradients<T>, warp_each(p.rows), p, y, dy, dx);
}

template <typename T>
void scale_into(std::int64_t size, T factor, const T* in, Gradient<T> out) {
  if (out) launch(scale<T>, thread_each(size), size, factor, in, out);
}

template void map_forward<Exp>(std::int64_t, const float*, float*);
template void map_forward<Exp>(std::int64_t, const double*, double*);
template void map_forward<Relu>(std::int64_t, const float*, float*);
template void map_forward<Relu>(std::int64_t, const double*, double*);
template void map_forward<Sigmoid>(std::int64_t, const float*, float*);
template void map_forward<Sigmoid>(std::int64_t, const double*, double*);
template void map_backward<Exp>(std::int64_t, const float*, const float*, Gradient<float>);
template void map_backward<Exp>(std::int64_t, const double*, const double*, Gradient<double>);
template void map_backward<Relu>(std::int64_t, const float*, const float*, Gradient<float>);
template void map_backward<Relu>(std::int64_t, const double*, const double*, Gradient<double>);
template void map_backward<Sigmoid>(std::int64_t, const float*, const float*, Gradient<float>);
template void map_backward<Sigmoid>(std::int64_t, const double*, const double*, Gradient<double>);
template void softmax_forward(const SoftmaxParams&, const float*, float*);
template void softmax_forward(const SoftmaxParams&, const double*, double*);
template void softmax_backward(const SoftmaxParams&, const float*, const float*, Gradient<float>);
template void softmax_backward(const SoftmaxParams&, const double*, const double*,
                               Gradient<double>);
template void scale_into(std::int64_t, float, const float*, Gradient<float>);
template void scale_into(std::int64_t, double, const double*, Gradient<double>);

}  // namespace explainn::kernels::cuda
