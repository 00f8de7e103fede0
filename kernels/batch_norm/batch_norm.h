// Batch normalisation over batch and inner positions, a channel at a time (Ioffe & Szegedy 2015,
// with PyTorch's conventions).
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

/// PyTorch's defaults.
inline constexpr double kNormEps = 1e-5;
inline constexpr double kNormMomentum = 0.1;

struct BatchNormParams {
  std::int64_t batch;     ///< B
  std::int64_t channels;  ///< C
  std::int64_t inner;     ///< n positions a channel (1 for a plain matrix)
  double eps = kNormEps;
  double momentum = kNormMomentum;

  constexpr std::int64_t count() const { return batch * inner; }  ///< values a channel
};

/// y [B, C, n] = gamma (x - mean) / sqrt(var + eps) + beta with the batch's own mean and biased
/// variance, which are kept in mean [C] and inv_std [C] for the backward pass.
/// running_mean, running_var [C] (both or neither null) move by `momentum` towards the mean and the
/// unbiased variance. Requires count() >= 2.
template <typename T>
void batch_norm_train(const BatchNormParams& p, const T* x, const T* gamma, const T* beta, T* y,
                      double* mean, double* inv_std, T* running_mean, T* running_var);

/// y with the running statistics in place of the batch's.
template <typename T>
void batch_norm_eval(const BatchNormParams& p, const T* x, const T* gamma, const T* beta,
                     const T* running_mean, const T* running_var, T* y);

/// Gradients of batch_norm_train, the statistics being functions of x:
/// dx = gamma / s (dy - mean(dy) - xhat mean(dy xhat)), dgamma = sum(dy xhat), dbeta = sum(dy).
template <typename T>
void batch_norm_backward(const BatchNormParams& p, const T* x, const T* dy, const T* gamma,
                         const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta);

// The same on `device`, where all memory must lie.
template <typename T>
void batch_norm_train(Device device, const BatchNormParams& p, const T* x, const T* gamma,
                      const T* beta, T* y, double* mean, double* inv_std, T* running_mean,
                      T* running_var);
template <typename T>
void batch_norm_eval(Device device, const BatchNormParams& p, const T* x, const T* gamma,
                     const T* beta, const T* running_mean, const T* running_var, T* y);
template <typename T>
void batch_norm_backward(Device device, const BatchNormParams& p, const T* x, const T* dy,
                         const T* gamma, const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta);

// On the GPU in use.
namespace cuda {
template <typename T>
void batch_norm_train(const BatchNormParams& p, const T* x, const T* gamma, const T* beta, T* y,
                      double* mean, double* inv_std, T* running_mean, T* running_var);
template <typename T>
void batch_norm_eval(const BatchNormParams& p, const T* x, const T* gamma, const T* beta,
                     const T* running_mean, const T* running_var, T* y);
template <typename T>
void batch_norm_backward(const BatchNormParams& p, const T* x, const T* dy, const T* gamma,
                         const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta);
}  // namespace cuda

}  // namespace explainn::kernels
