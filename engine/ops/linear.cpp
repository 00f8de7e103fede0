#include "kernels/linear/linear.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> linear(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias) {
  require(x.shape().rank() == 2 && w.shape().rank() == 2 && x.shape()[1] == w.shape()[1] &&
              bias.shape() == Shape{w.shape()[0]},
          "linear", "x ", to_string(x.shape()), ", w ", to_string(w.shape()), " and bias ",
          to_string(bias.shape()), " do not fit: they are [B, I], [O, I] and [O]");
  require_one_device("linear", {x, w, bias});
  const kernels::LinearParams p{.rows = x.shape()[0], .in = x.shape()[1], .out = w.shape()[0]};

  Tensor<T> y({p.rows, p.out}, x.device());
  kernels::linear_forward(x.device(), p, x.data(), w.data(), bias.data(), y.data());

  if (tape.records({x, w, bias})) {
    tape.record(y, [p, x, w, bias](const T* dy) {
      // In the kernel's order: x and w may be one tensor, and the first slot is what overwrites.
      const auto dx = x.gradient_slot();
      const auto dw = w.gradient_slot();
      kernels::linear_backward(x.device(), p, x.data(), w.data(), dy, dx, dw, bias.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> linear(Tape<float>&, const Tensor<float>&, const Tensor<float>&,
                              const Tensor<float>&);
template Tensor<double> linear(Tape<double>&, const Tensor<double>&, const Tensor<double>&,
                               const Tensor<double>&);

}  // namespace explainn::engine
