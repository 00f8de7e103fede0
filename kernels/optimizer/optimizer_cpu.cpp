#include "kernels/optimizer/optimizer.h"

#include <cmath>

#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kBlock = 16384;

}  // namespace

template <typename T>
void adam_update(const AdamParams& p, std::int64_t size, const T* gradient, T* m, T* v, T* weight) {
  const AdamFactors<T> f(p);
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T g = gradient[i];
      m[i] = f.beta1 * m[i] + f.rest1 * g;
      v[i] = f.beta2 * v[i] + f.rest2 * g * g;
      weight[i] -= f.rate * (m[i] / (std::sqrt(v[i]) / f.correction + f.eps));
    }
  });
}

template <typename T>
void sgd_update(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight) {
  const T lr = static_cast<T>(p.lr);
  const T momentum = static_cast<T>(p.momentum);
  parallel_blocks(size, kBlock, [&](std::int64_t begin, std::int64_t end) {
    if (p.momentum == 0) {
      for (std::int64_t i = begin; i < end; ++i) weight[i] -= lr * gradient[i];
      return;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      velocity[i] = p.first_step ? gradient[i] : momentum * velocity[i] + gradient[i];
      weight[i] -= lr * velocity[i];
    }
  });
}

template void adam_update(const AdamParams&, std::int64_t, const float*, float*, float*, float*);
template void adam_update(const AdamParams&, std::int64_t, const double*, double*, double*,
                          double*);
template void sgd_update(const SgdParams&, std::int64_t, const float*, float*, float*);
template void sgd_update(const SgdParams&, std::int64_t, const double*, double*, double*);

}  // namespace explainn::kernels
