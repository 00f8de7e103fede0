// One step of an optimiser on one tensor, as PyTorch defines it.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/device.h"

namespace explainn::kernels {

struct AdamParams {
  double lr;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  std::int64_t step;  ///< the number of this step, from 1 (bias correction)
};

/// What Adam's formula needs in T, rounded once for all elements.
template <typename T>
struct AdamFactors {
  T beta1, beta2;
  T rest1, rest2;  ///< 1 - beta
  T rate;          ///< lr / (1 - beta1^step)
  T correction;    ///< sqrt(1 - beta2^step)
  T eps;

  explicit AdamFactors(const AdamParams& p)
      : beta1(static_cast<T>(p.beta1)),
        beta2(static_cast<T>(p.beta2)),
        rest1(static_cast<T>(1 - p.beta1)),
        rest2(static_cast<T>(1 - p.beta2)),
        rate(static_cast<T>(p.lr / (1 - std::pow(p.beta1, static_cast<double>(p.step))))),
        correction(static_cast<T>(std::sqrt(1 - std::pow(p.beta2, static_cast<double>(p.step))))),
        eps(static_cast<T>(p.eps)) {}
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

// The same on `device`, where all memory must lie.
template <typename T>
void adam_update(Device device, const AdamParams& p, std::int64_t size, const T* gradient, T* m,
                 T* v, T* weight);
template <typename T>
void sgd_update(Device device, const SgdParams& p, std::int64_t size, const T* gradient,
                T* velocity, T* weight);

// On the GPU in use.
namespace cuda {
template <typename T>
void adam_update(const AdamParams& p, std::int64_t size, const T* gradient, T* m, T* v, T* weight);
template <typename T>
void sgd_update(const SgdParams& p, std::int64_t size, const T* gradient, T* velocity, T* weight);
}  // namespace cuda

}  // namespace explainn::kernels
