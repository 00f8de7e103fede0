#include "kernels/cuda/elements.h"
#include "kernels/optimizer/optimizer.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::element;
using explainn::cuda::launch;
using explainn::cuda::thread_each;

template <typename T>
__global__ void adam(AdamFactors<T> f, std::int64_t size, const T* gradient, T* m, T* v,
                     T* weight) {
  const std::int64_t i = element();
  if (i >= size) return;
  const T g = gradient[i];
  m[i] = f.beta1 * m[i] + f.rest1 * g;
  v[i] = f.beta2 * v[i] + f.rest2 * g * g;
  weight[i] -= f.rate * (m[i] / (std::sqrt(v[i]) / f.correction + f.eps));
}

// `velocity` null: without momentum.
template <typename T>
__global__ void sgd(T lr, T momentum, bool first_step, std::int64_t size, const T* gradient,
                    T* velocity, T* weight) {
  const std::int64_t i = element();
  if (i >= size) return;
  T step = gradient[i];
  if (velocity != nullptr) {
    if (!first_step) step += momentum * velocity[i];
    velocity[i] = step;
  }
  weight[i] -= lr * step;
}

}  // namespace

template <typename T>
void adam_update(const AdamParams& p, std::int64_t size, const T* gradient, T* m, T* v, T* weight) {
  launch(adam<T>, thread_each(size), AdamFactors<T>(p), size, gradient, m, v, weight);
}

template <typename T>
void sgd_update(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight) {
  launch(sgd<T>, thread_each(size), static_cast<T>(p.lr), static_cast<T>(p.momentum), p.first_step,
         size, gradient, p.momentum == 0 ? nullptr : velocity, weight);
}

template void adam_update(const AdamParams&, std::int64_t, const float*, float*, float*, float*);
template void adam_update(const AdamParams&, std::int64_t, const double*, double*, double*,
                          double*);
template void sgd_update(const SgdParams&, std::int64_t, const float*, float*, float*);
template void sgd_update(const SgdParams&, std::int64_t, const double*, double*, double*);

}  // namespace explainn::kernels::cuda
