#include "kernels/cuda/elements.h"
#include "kernels/max_pool/max_pool.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::element;
using explainn::cuda::launch;
using explainn::cuda::thread_each;

template <typename T>
__global__ void take_maximum(MaxPoolParams p, const T* x, T* y, std::int32_t* index) {
  const std::int64_t i = element();
  const std::int64_t pooled = p.pooled();
  if (i >= p.rows * pooled) return;
  const T* const values = x + i / pooled * p.length;
  const std::int64_t first = i % pooled * p.stride;
  std::int64_t best = first;
  for (std::int64_t t = first + 1; t < first + p.width; ++t) {
    // Written so that a NaN, which compares false with everything, is taken and kept.
    if (!(values[t] <= values[best]) && values[best] == values[best]) best = t;
  }
  y[i] = values[best];
  if (index != nullptr) index[i] = static_cast<std::int32_t>(best);
}

// A thread for each position of x: it gathers from the windows that hold it, so nothing is written
// twice.
template <typename T>
__global__ void gather_gradients(MaxPoolParams p, const std::int32_t* index, const T* dy,
                                 Gradient<T> dx) {
  const std::int64_t i = element();
  if (i >= p.rows * p.length) return;
  const std::int64_t pooled = p.pooled();
  const std::int64_t row = i / p.length;
  const std::int64_t t = i % p.length;
  const std::int64_t first = t < p.width ? 0 : (t - p.width) / p.stride + 1;
  const std::int64_t last = t / p.stride < pooled ? t / p.stride : pooled - 1;
  T sum = 0;
  for (std::int64_t q = row * pooled + first; q <= row * pooled + last; ++q) {
    if (index[q] == t) sum += dy[q];
  }
  dx.put(i, sum);
}

}  // namespace

template <typename T>
void max_pool_forward(const MaxPoolParams& p, const T* x, T* y, std::int32_t* index) {
  launch(take_maximum<T>, thread_each(p.rows * p.pooled()), p, x, y, index);
}

template <typename T>
void max_pool_backward(const MaxPoolParams& p, const std::int32_t* index, const T* dy,
                       Gradient<T> dx) {
  if (dx) launch(gather_gradients<T>, thread_each(p.rows * p.length), p, index, dy, dx);
}

template void max_pool_forward(const MaxPoolParams&, const float*, float*, std::int32_t*);
template void max_pool_forward(const MaxPoolParams&, const double*, double*, std::int32_t*);
template void max_pool_backward(const MaxPoolParams&, const std::int32_t*, const float*,
                                Gradient<float>);
template void max_pool_backward(const MaxPoolParams&, const std::int32_t*, const double*,
                                Gradient<double>);

}  // namespace explainn::kernels::cuda
