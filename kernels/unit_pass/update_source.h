// An optimiser's step on one unit's block. Included by loops_source.h alone.
#pragma once

#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_pass/rows_source.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes>
void adam(const AdamFactors<T>& f, std::int64_t size, const T* gradient, T* m, T* v, T* weight) {
  // Numerator and denominator times the correction: one division less.
  const T rate = f.rate * f.correction;
  const T eps = f.eps * f.correction;
  for (std::int64_t i = 0; i < size; ++i) {
    const T g = gradient[i];
    const T mean = f.beta1 * m[i] + f.rest1 * g;
    const T square = f.beta2 * v[i] + f.rest2 * g * g;
    weight[i] -= rate * mean / (square_root(square) + eps);
    m[i] = mean;
    v[i] = square;
  }
}

template <typename T, int Bytes>
void sgd(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight) {
  const T lr = static_cast<T>(p.lr);
  const T momentum = static_cast<T>(p.momentum);
  if (p.momentum == 0) {
    for (std::int64_t i = 0; i < size; ++i) weight[i] -= lr * gradient[i];
    return;
  }
  for (std::int64_t i = 0; i < size; ++i) {
    const T speed = p.first_step ? gradient[i] : momentum * velocity[i] + gradient[i];
    weight[i] -= lr * speed;
    velocity[i] = speed;
  }
}

}  // namespace
}  // namespace explainn::kernels
