// One step of an optimiser on one tensor, as PyTorch defines it.
#pragma once

#include <cstdint>

namespace explainn::kernels {

struct AdamParams {
  double lr;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  std::int64_t step;  ///< the number of this step, from 1 (bias correction)
};

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// w -= lr / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + eps). Kingma & Ba 2015.
template <typename T>
void adam_update(const AdamParams& p, std::int64_t size, const T* gradient, T* m, T* v, T* weight);

struct SgdParams {
  double lr;
  double momentum = 0;
  bool first_step;  ///< the velocity starts as the first gradient
};

/// velocity = momentum velocity + g; w -= lr velocity. With momentum 0 `velocity` is not touched
/// and may be null.
template <typename T>
void sgd_update(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight);

}  // namespace explainn::kernels
