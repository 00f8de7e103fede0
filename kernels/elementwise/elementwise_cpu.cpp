#include "kernels/elementwise/elementwise.h"

#include <algorithm>

#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kBlock = 16384;

}  // namespace

template <typename Function, typename T>
void map_forward(std::int64_t size, const T* x, T* y) {
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = Function::value(x[i]);
  });
}

template <typename Function, typename T>
void map_backward(std::int64_t size, const T* y, const T* dy, Gradient<T> dx) {
  if (!dx) return;
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) dx.put(i, dy[i] * Function::derivative(y[i]));
  });
}

template <typename T>
void softmax_forward(const SoftmaxParams& p, const T* x, T* y) {
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const T* const in = x + row * p.columns;
    T* const out = y + row * p.columns;
    const T largest = *std::max_element(in, in + p.columns);
    T sum = 0;
    for (std::int64_t j = 0; j < p.columns; ++j) sum += out[j] = exponential(in[j] - largest);
    for (std::int64_t j = 0; j < p.columns; ++j) out[j] /= sum;
  }
}

template <typename T>
void softmax_backward(const SoftmaxParams& p, const T* y, const T* dy, Gradient<T> dx) {
  if (!dx) return;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const std::int64_t first = row * p.columns;
    T dot = 0;
    for (std::int64_t i = first; i < first + p.columns; ++i) dot += dy[i] * y[i];
    for (std::int64_t i = first; i < first + p.columns; ++i) dx.put(i, y[i] * (dy[i] - dot));
  }
}

template <typename T>
void scale_into(std::int64_t size, T factor, const T* in, Gradient<T> out) {
  if (!out) return;
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out.put(i, factor * in[i]);
  });
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

}  // namespace explainn::kernels
