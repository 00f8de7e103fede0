#include "kernels/batch_norm/batch_norm.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {
namespace {

template <typename T>
kernels::BatchNormParams checked_params(const Tensor<T>& x, const BatchNorm<T>& norm) {
  const Shape& shape = x.shape();
  require(shape.rank() == 2 || shape.rank() == 3, "batch_norm",
          "x must be [B, C] or [B, C, n], not ", to_string(shape));
  for (const Tensor<T>* tensor : {&norm.gamma, &norm.beta, &norm.running_mean, &norm.running_var}) {
    require(tensor->shape() == Shape{shape[1]}, "batch_norm", "x ", to_string(shape), " has ",
            shape[1], " channels, but a parameter has the shape ", to_string(tensor->shape()));
  }
  require_one_device("batch_norm", {x, norm.gamma, norm.beta, norm.running_mean, norm.running_var});
  return {.batch = shape[0],
          .channels = shape[1],
          .inner = shape.rank() == 3 ? shape[2] : 1,
          .eps = norm.eps,
          .momentum = norm.momentum};
}

}  // namespace

template <typename T>
Tensor<T> batch_norm_train(Tape<T>& tape, const Tensor<T>& x, BatchNorm<T>& norm) {
  const kernels::BatchNormParams p = checked_params(x, norm);
  require(p.count() >= 2, "batch_norm", "x ", to_string(x.shape()),
          " has one value a channel; training needs at least two (a batch of two rows)");

  Tensor<T> y(x.shape(), x.device());
  Tensor<double> mean({p.channels}, x.device());
  Tensor<double> inv_std({p.channels}, x.device());
  kernels::batch_norm_train(x.device(), p, x.data(), norm.gamma.data(), norm.beta.data(), y.data(),
                            mean.data(), inv_std.data(), norm.running_mean.data(),
                            norm.running_var.data());

  if (tape.records({x, norm.gamma, norm.beta})) {
    tape.record(y, [p, x, gamma = norm.gamma, beta = norm.beta, mean, inv_std](const T* dy) {
      // In the kernel's order: both may be one tensor, and the first slot is what overwrites.
      const auto dgamma = gamma.gradient_slot();
      const auto dbeta = beta.gradient_slot();
      kernels::batch_norm_backward(x.device(), p, x.data(), dy, gamma.data(), mean.data(),
                                   inv_std.data(), x.gradient_slot(), dgamma, dbeta);
    });
  }
  return y;
}

template <typename T>
Tensor<T> batch_norm_eval(const Tensor<T>& x, const BatchNorm<T>& norm) {
  const kernels::BatchNormParams p = checked_params(x, norm);
  Tensor<T> y(x.shape(), x.device());
  kernels::batch_norm_eval(x.device(), p, x.data(), norm.gamma.data(), norm.beta.data(),
                           norm.running_mean.data(), norm.running_var.data(), y.data());
  return y;
}

template Tensor<float> batch_norm_train(Tape<float>&, const Tensor<float>&, BatchNorm<float>&);
template Tensor<double> batch_norm_train(Tape<double>&, const Tensor<double>&, BatchNorm<double>&);
template Tensor<float> batch_norm_eval(const Tensor<float>&, const BatchNorm<float>&);
template Tensor<double> batch_norm_eval(const Tensor<double>&, const BatchNorm<double>&);

}  // namespace explainn::engine
