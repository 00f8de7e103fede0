#include "engine/ops.h"
#include "kernels/base/error.h"
#include "kernels/max_pool/max_pool.h"

namespace explainn::engine {

template <typename T>
Tensor<T> max_pool1d(Tape<T>& tape, const Tensor<T>& x, std::int64_t width, std::int64_t stride) {
  require(x.shape().rank() == 3 && width >= 1 && stride >= 1 && width <= x.shape()[2], "max_pool1d",
          "windows of ", width, " every ", stride, " positions do not fit x ",
          to_string(x.shape()));
  const kernels::MaxPoolParams p{.rows = x.shape()[0] * x.shape()[1],
                                 .length = x.shape()[2],
                                 .width = width,
                                 .stride = stride};
  const Shape pooled{x.shape()[0], x.shape()[1], p.pooled()};

  Tensor<T> y(pooled, x.device());
  const bool record = tape.records({x});
  const auto index =
      std::make_shared<kernels::Buffer<std::int32_t>>(record ? y.size() : 0, x.device());
  kernels::max_pool_forward(x.device(), p, x.data(), y.data(), record ? index->data() : nullptr);

  if (record) {
    tape.record(y, [p, x, index](const T* dy) {
      kernels::max_pool_backward(x.device(), p, index->data(), dy, x.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> max_pool1d(Tape<float>&, const Tensor<float>&, std::int64_t, std::int64_t);
template Tensor<double> max_pool1d(Tape<double>&, const Tensor<double>&, std::int64_t,
                                   std::int64_t);

}  // namespace explainn::engine
