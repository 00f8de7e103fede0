#include "kernels/batch_norm/batch_norm.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/reduce.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::block_sum;
using explainn::cuda::launch;

// The place of the i-th value of channel c.
__device__ std::int64_t place(const BatchNormParams& p, std::int64_t c, std::int64_t i) {
  return (i / p.inner * p.channels + c) * p.inner + i % p.inner;
}

template <typename T>
__device__ void move_running(T& running, double value, double momentum) {
  running = static_cast<T>((1 - momentum) * static_cast<double>(running) + momentum * value);
}

// In double: see the CPU's twin.
template <typename T>
__device__ void normalise(const BatchNormParams& p, std::int64_t c, const T* x, double mean,
                          double scale, double shift, T* y) {
  for (std::int64_t i = threadIdx.x; i < p.count(); i += blockDim.x) {
    const std::int64_t at = place(p, c, i);
    y[at] = static_cast<T>((x[at] - mean) * scale + shift);
  }
}

// A channel a block: mean, variance, result.
template <typename T>
__global__ void train_channel(BatchNormParams p, const T* x, const T* gamma, const T* beta, T* y,
                              double* mean, double* inv_std, T* running_mean, T* running_var) {
  const std::int64_t c = blockIdx.x;
  const auto count = static_cast<double>(p.count());
  double sum = 0;
  for (std::int64_t i = threadIdx.x; i < p.count(); i += blockDim.x) sum += x[place(p, c, i)];
  const double m = block_sum(sum) / count;
  double squares = 0;
  for (std::int64_t i = threadIdx.x; i < p.count(); i += blockDim.x) {
    const double centred = x[place(p, c, i)] - m;
    squares += centred * centred;
  }
  const double variance = block_sum(squares) / count;
  const double inverse = 1 / std::sqrt(variance + p.eps);
  if (threadIdx.x == 0) {
    mean[c] = m;
    inv_std[c] = inverse;
    if (running_mean != nullptr) {
      move_running(running_mean[c], m, p.momentum);
      move_running(running_var[c], variance * count / (count - 1), p.momentum);
    }
  }
  normalise(p, c, x, m, gamma[c] * inverse, beta[c], y);
}

template <typename T>
__global__ void eval_channel(BatchNormParams p, const T* x, const T* gamma, const T* beta,
                             const T* running_mean, const T* running_var, T* y) {
  const std::int64_t c = blockIdx.x;
  const double scale = gamma[c] / std::sqrt(static_cast<double>(running_var[c]) + p.eps);
  normalise(p, c, x, running_mean[c], scale, beta[c], y);
}

template <typename T>
__global__ void channel_gradients(BatchNormParams p, const T* x, const T* dy, const T* gamma,
                                  const double* mean, const double* inv_std, Gradient<T> dx,
                                  Gradient<T> dgamma, Gradient<T> dbeta) {
  const std::int64_t c = blockIdx.x;
  const double m = mean[c];
  double own_dy = 0, own_dyx = 0;
  for (std::int64_t i = threadIdx.x; i < p.count(); i += blockDim.x) {
    const std::int64_t at = place(p, c, i);
    own_dy += dy[at];
    own_dyx += dy[at] * (x[at] - m);
  }
  const double sum_dy = block_sum(own_dy);
  const double sum_dyx = block_sum(own_dyx) * inv_std[c];
  if (threadIdx.x == 0 && dgamma) dgamma.put(c, static_cast<T>(sum_dyx));
  if (threadIdx.x == 0 && dbeta) dbeta.put(c, static_cast<T>(sum_dy));
  if (!dx) return;  // the whole grid, and no barrier follows
  const auto count = static_cast<double>(p.count());
  const double scale = gamma[c] * inv_std[c];
  const double mean_dy = sum_dy / count;
  const double slope = sum_dyx / count * inv_std[c];
  for (std::int64_t i = threadIdx.x; i < p.count(); i += blockDim.x) {
    const std::int64_t at = place(p, c, i);
    dx.put(at, static_cast<T>(scale * ((dy[at] - mean_dy) - (x[at] - m) * slope)));
  }
}

explainn::cuda::LaunchShape channel_each(const BatchNormParams& p) {
  return {.grid = explainn::cuda::blocks_for(p.channels, 1),
          .block = explainn::cuda::threads_for(p.count())};
}

}  // namespace

template <typename T>
void batch_norm_train(const BatchNormParams& p, const T* x, const T* gamma, const T* beta, T* y,
                      double* mean, double* inv_std, T* running_mean, T* running_var) {
  launch(train_channel<T>, channel_each(p), p, x, gamma, beta, y, mean, inv_std, running_mean,
         running_var);
}

template <typename T>
void batch_norm_eval(const BatchNormParams& p, const T* x, const T* gamma, const T* beta,
                     const T* running_mean, const T* running_var, T* y) {
  launch(eval_channel<T>, channel_each(p), p, x, gamma, beta, running_mean, running_var, y);
}

template <typename T>
void batch_norm_backward(const BatchNormParams& p, const T* x, const T* dy, const T* gamma,
                         const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta) {
  launch(channel_gradients<T>, channel_each(p), p, x, dy, gamma, mean, inv_std, dx, dgamma, dbeta);
}

template void batch_norm_train(const BatchNormParams&, const float*, const float*, const float*,
                               float*, double*, double*, float*, float*);
template void batch_norm_train(const BatchNormParams&, const double*, const double*, const double*,
                               double*, double*, double*, double*, double*);
template void batch_norm_eval(const BatchNormParams&, const float*, const float*, const float*,
                              const float*, const float*, float*);
template void batch_norm_eval(const BatchNormParams&, const double*, const double*, const double*,
                              const double*, const double*, double*);
template void batch_norm_backward(const BatchNormParams&, const float*, const float*, const float*,
                                  const double*, const double*, Gradient<float>, Gradient<float>,
                                  Gradient<float>);
template void batch_norm_backward(const BatchNormParams&, const double*, const double*,
                                  const double*, const double*, const double*, Gradient<double>,
                                  Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels::cuda
