#include "kernels/elementwise/elementwise.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {
namespace {

// The derivatives are taken from the result's numbers. A closure must not hold the result itself (a
// cycle), so it holds a second tensor over the same numbers.
template <typename Function, typename T>
Tensor<T> map(Tape<T>& tape, const Tensor<T>& x) {
  Tensor<T> y(x.shape(), x.device());
  kernels::map_forward<Function>(x.device(), x.size(), x.data(), y.data());
  if (tape.records({x})) {
    const Tensor<T> saved = y.share_values();
    tape.record(y, [x, saved](const T* dy) {
      kernels::map_backward<Function>(x.device(), x.size(), saved.data(), dy, x.gradient_slot());
    });
  }
  return y;
}

}  // namespace

template <typename T>
Tensor<T> exp(Tape<T>& tape, const Tensor<T>& x) {
  return map<kernels::Exp>(tape, x);
}

template <typename T>
Tensor<T> relu(Tape<T>& tape, const Tensor<T>& x) {
  return map<kernels::Relu>(tape, x);
}

template <typename T>
Tensor<T> sigmoid(Tape<T>& tape, const Tensor<T>& x) {
  return map<kernels::Sigmoid>(tape, x);
}

template <typename T>
Tensor<T> softmax(Tape<T>& tape, const Tensor<T>& x) {
  require(x.shape().rank() >= 1, "softmax", "needs at least one axis");
  const std::int64_t columns = x.shape()[x.shape().rank() - 1];
  const kernels::SoftmaxParams p{.rows = x.size() / columns, .columns = columns};
  Tensor<T> y(x.shape(), x.device());
  kernels::softmax_forward(x.device(), p, x.data(), y.data());
  if (tape.records({x})) {
    const Tensor<T> saved = y.share_values();
    tape.record(y, [p, x, saved](const T* dy) {
      kernels::softmax_backward(x.device(), p, saved.data(), dy, x.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> exp(Tape<float>&, const Tensor<float>&);
template Tensor<double> exp(Tape<double>&, const Tensor<double>&);
template Tensor<float> relu(Tape<float>&, const Tensor<float>&);
template Tensor<double> relu(Tape<double>&, const Tensor<double>&);
template Tensor<float> sigmoid(Tape<float>&, const Tensor<float>&);
template Tensor<double> sigmoid(Tape<double>&, const Tensor<double>&);
template Tensor<float> softmax(Tape<float>&, const Tensor<float>&);
template Tensor<double> softmax(Tape<double>&, const Tensor<double>&);

}  // namespace explainn::engine
