#include "engine/ops.h"
#include "kernels/base/error.h"
#include "kernels/elementwise/elementwise.h"

namespace explainn::engine {

template <typename T>
Tensor<T> reshape(Tape<T>& tape, const Tensor<T>& x, Shape shape) {
  require(shape.size() == x.size(), "reshape", to_string(x.shape()), " does not fill ",
          to_string(shape));
  Tensor<T> y = x.share_values(std::move(shape));
  if (tape.records({x})) {
    tape.record(y, [x](const T* dy) {
      kernels::scale_into(x.device(), x.size(), T{1}, dy, x.gradient_slot());
    });
  }
  return y;
}

template <typename T>
Tensor<T> flatten(Tape<T>& tape, const Tensor<T>& x) {
  const std::int64_t rows = x.shape()[0];
  return reshape(tape, x, Shape{rows, rows == 0 ? 0 : x.size() / rows});
}

template Tensor<float> reshape(Tape<float>&, const Tensor<float>&, Shape);
template Tensor<double> reshape(Tape<double>&, const Tensor<double>&, Shape);
template Tensor<float> flatten(Tape<float>&, const Tensor<float>&);
template Tensor<double> flatten(Tape<double>&, const Tensor<double>&);

}  // namespace explainn::engine
