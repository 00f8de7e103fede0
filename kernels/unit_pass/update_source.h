// An optimiser's step on one unit's block. Included by loops_source.h alone.
#pragma once

#include <limits>

#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_pass/rows_source.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes>
void adam(const AdamFactors<T>& f, std::int64_t size, const T* gradient, T* m, T* v, T* weight) {
  using V = Vectors<T, Bytes>;
  // Numerator and denominator times the correction: one division less.
  const T rate = f.rate * f.correction;
  const T eps = f.eps * f.correction;
  // Roots of smaller numbers make no difference beside eps.
  const typename V::Real least = V::broadcast(std::numeric_limits<T>::min());
  const auto update = [&](const T* g, T* mean_at, T* square_at, T* w)
      __attribute__((always_inline)) {
    const typename V::Real slope = V::load(g);
    const typename V::Real mean = f.beta1 * V::load(mean_at) + f.rest1 * slope;
    const typename V::Real square = f.beta2 * V::load(square_at) + f.rest2 * slope * slope;
    const typename V::Real root = V::nearly_root(V::larger(square, least));
    V::store(w, V::load(w) - V::nearly_quotient(rate * mean, root + eps));
    // Moments of nodes that no longer learn decay for ever; below the normal numbers, where they
    // make no difference, each step would take many times as long.
    V::store(mean_at, V::normal_or_zero(mean));
    V::store(square_at, V::normal_or_zero(square));
  };
  std::int64_t i = 0;
  for (; i + V::kLanes <= size; i += V::kLanes) update(gradient + i, m + i, v + i, weight + i);
  if (i == size) return;
  T rest[4][V::kLanes] = {};
  const T* const from[4] = {gradient, m, v, weight};
  T* const to[4] = {nullptr, m, v, weight};
  for (int j = 0; j < 4; ++j) {
    for (std::int64_t lane = 0; i + lane < size; ++lane) rest[j][lane] = from[j][i + lane];
  }
  update(rest[0], rest[1], rest[2], rest[3]);
  for (int j = 1; j < 4; ++j) {
    for (std::int64_t lane = 0; i + lane < size; ++lane) to[j][i + lane] = rest[j][lane];
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
