#include "kernels/unit_linear/unit_linear.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> unit_linear(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w,
                      const Tensor<T>& bias) {
  require(x.shape().rank() == 3 && w.shape().rank() == 2 && x.shape()[2] == w.shape()[1] &&
              w.shape()[0] % x.shape()[1] == 0 && bias.shape() == Shape{w.shape()[0]},
          "unit_linear", "x ", to_string(x.shape()), ", w ", to_string(w.shape()), " and bias ",
          to_string(bias.shape()), " do not fit: they are [B, U, I], [U*O, I] and [U*O]");
  require_one_device("unit_linear", {x, w, bias});
  const kernels::UnitLinearParams p{.batch = x.shape()[0],
                                    .units = x.shape()[1],
                                    .in = x.shape()[2],
                                    .out = w.shape()[0] / x.shape()[1]};

  Tensor<T> y({p.batch, p.units, p.out}, x.device());
  kernels::unit_linear_forward(x.device(), p, x.data(), w.data(), bias.data(), y.data());

  if (tape.records({x, w, bias})) {
    tape.record(y, [p, x, w, bias](const T* dy) {
      kernels::unit_linear_backward(x.device(), p, x.data(), w.data(), dy, x.gradient_slot(),
                                    w.gradient_slot(), bias.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> unit_linear(Tape<float>&, const Tensor<float>&, const Tensor<float>&,
                                   const Tensor<float>&);
template Tensor<double> unit_linear(Tape<double>&, const Tensor<double>&, const Tensor<double>&,
                                    const Tensor<double>&);

}  // namespace explainn::engine
