#include "kernels/conv1d/conv1d.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> conv1d(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias,
                 std::int64_t groups) {
  require(x.shape().rank() == 3 && w.shape().rank() == 3 && groups >= 1 &&
              x.shape()[1] == w.shape()[1] * groups && w.shape()[0] % groups == 0 &&
              w.shape()[2] >= 1 && x.shape()[2] >= w.shape()[2],
          "conv1d", "x ", to_string(x.shape()), " and w ", to_string(w.shape()),
          " do not fit with ", groups, " groups: x is [B, C, L], w [O, C/groups, K], K <= L");
  require(!bias || bias.shape() == Shape{w.shape()[0]}, "conv1d",
          "the bias must have one number for each of the ", w.shape()[0], " output channels");
  require_one_device("conv1d", {x, w, bias});
  const kernels::Conv1dParams p{.batch = x.shape()[0],
                                .in_channels = x.shape()[1],
                                .length = x.shape()[2],
                                .out_channels = w.shape()[0],
                                .width = w.shape()[2],
                                .groups = groups};

  Tensor<T> y({p.batch, p.out_channels, p.positions()}, x.device());
  kernels::conv1d_forward(x.device(), p, x.data(), w.data(), bias ? bias.data() : nullptr,
                          y.data());

  if (tape.records({x, w, bias})) {
    tape.record(y, [p, x, w, bias](const T* dy) {
      kernels::conv1d_backward_input(x.device(), p, w.data(), dy, x.gradient_slot());
      kernels::conv1d_backward_weight(x.device(), p, x.data(), dy, w.gradient_slot(),
                                      bias.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> conv1d(Tape<float>&, const Tensor<float>&, const Tensor<float>&,
                              const Tensor<float>&, std::int64_t);
template Tensor<double> conv1d(Tape<double>&, const Tensor<double>&, const Tensor<double>&,
                               const Tensor<double>&, std::int64_t);

}  // namespace explainn::engine
