#include "kernels/batch_norm/batch_norm.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void batch_norm_train(Device device, const BatchNormParams& p, const T* x, const T* gamma,
                      const T* beta, T* y, double* mean, double* inv_std, T* running_mean,
                      T* running_var) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) {
      return cuda::batch_norm_train(p, x, gamma, beta, y, mean, inv_std, running_mean, running_var);
    }
  }
  batch_norm_train(p, x, gamma, beta, y, mean, inv_std, running_mean, running_var);
}

template <typename T>
void batch_norm_eval(Device device, const BatchNormParams& p, const T* x, const T* gamma,
                     const T* beta, const T* running_mean, const T* running_var, T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) {
      return cuda::batch_norm_eval(p, x, gamma, beta, running_mean, running_var, y);
    }
  }
  batch_norm_eval(p, x, gamma, beta, running_mean, running_var, y);
}

template <typename T>
void batch_norm_backward(Device device, const BatchNormParams& p, const T* x, const T* dy,
                         const T* gamma, const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) {
      return cuda::batch_norm_backward(p, x, dy, gamma, mean, inv_std, dx, dgamma, dbeta);
    }
  }
  batch_norm_backward(p, x, dy, gamma, mean, inv_std, dx, dgamma, dbeta);
}

template void batch_norm_train(Device, const BatchNormParams&, const float*, const float*,
                               const float*, float*, double*, double*, float*, float*);
template void batch_norm_train(Device, const BatchNormParams&, const double*, const double*,
                               const double*, double*, double*, double*, double*, double*);
template void batch_norm_eval(Device, const BatchNormParams&, const float*, const float*,
                              const float*, const float*, const float*, float*);
template void batch_norm_eval(Device, const BatchNormParams&, const double*, const double*,
                              const double*, const double*, const double*, double*);
template void batch_norm_backward(Device, const BatchNormParams&, const float*, const float*,
                                  const float*, const double*, const double*, Gradient<float>,
                                  Gradient<float>, Gradient<float>);
template void batch_norm_backward(Device, const BatchNormParams&, const double*, const double*,
                                  const double*, const double*, const double*, Gradient<double>,
                                  Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
