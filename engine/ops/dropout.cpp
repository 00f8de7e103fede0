#include "kernels/dropout/dropout.h"

#include "engine/ops.h"
#include "kernels/base/error.h"

namespace explainn::engine {

template <typename T>
Tensor<T> dropout(Tape<T>& tape, const Tensor<T>& x, const kernels::DropoutParams& p) {
  require(p.probability >= 0 && p.probability < 1, "dropout",
          "the probability must lie in [0, 1), not ", p.probability);
  Tensor<T> y(x.shape(), x.device());
  const auto kept = std::make_shared<kernels::Buffer<std::uint8_t>>(x.size(), x.device());
  kernels::dropout_mask(x.device(), p, x.size(), kept->data());
  kernels::dropout_apply<T>(x.device(), x.size(), p.scale(), kept->data(), x.data(),
                            {y.data(), kernels::Write::overwrite});

  if (tape.records({x})) {
    tape.record(y, [scale = p.scale(), x, kept](const T* dy) {
      kernels::dropout_apply(x.device(), x.size(), scale, kept->data(), dy, x.gradient_slot());
    });
  }
  return y;
}

template Tensor<float> dropout(Tape<float>&, const Tensor<float>&, const kernels::DropoutParams&);
template Tensor<double> dropout(Tape<double>&, const Tensor<double>&,
                                const kernels::DropoutParams&);

}  // namespace explainn::engine
