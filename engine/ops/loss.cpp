#include "kernels/loss/loss.h"

#include "engine/ops.h"
#include "kernels/base/error.h"
#include "kernels/elementwise/elementwise.h"

namespace explainn::engine {

template <typename T>
Loss<T> loss(Tape<T>& tape, const Tensor<T>& output, const Tensor<T>& labels,
             kernels::LossKind kind) {
  require(output.shape().rank() == 2, "loss", "the output must be [B, T], not ",
          to_string(output.shape()));
  const kernels::LossParams p{.kind = kind, .rows = output.shape()[0], .tasks = output.shape()[1]};
  require(labels.shape() == Shape{p.rows, p.label_columns()}, "loss", "the output ",
          to_string(output.shape()), " needs labels ", to_string(Shape{p.rows, p.label_columns()}),
          ", not ", to_string(labels.shape()));

  require_one_device("loss", {output, labels});

  const bool record = tape.records({output});
  Tensor<T> gradient = record ? Tensor<T>(output.shape(), output.device()) : Tensor<T>();
  Loss<T> result{Tensor<T>(Shape{}, output.device()), {}};
  result.total = kernels::loss_and_gradient(output.device(), p, output.data(), labels.data(),
                                            record ? gradient.data() : nullptr);
  const T mean = static_cast<T>(result.total.mean());
  result.mean.set_values(std::span<const T>(&mean, 1));

  if (record) {
    tape.record(result.mean, [output, gradient](const T* dy) {
      T factor;
      kernels::copy_from(output.device(), dy, std::span<T>(&factor, 1));
      kernels::scale_into(output.device(), output.size(), factor, gradient.data(),
                          output.gradient_slot());
    });
  }
  return result;
}

template Loss<float> loss(Tape<float>&, const Tensor<float>&, const Tensor<float>&,
                          kernels::LossKind);
template Loss<double> loss(Tape<double>&, const Tensor<double>&, const Tensor<double>&,
                           kernels::LossKind);

}  // namespace explainn::engine
