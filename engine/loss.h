// The losses as an operation.
#pragma once

#include "engine/tape.h"
#include "kernels/loss/loss.h"

namespace explainn::engine {

using kernels::LossKind;
using kernels::LossSum;

/// A loss: the mean as a scalar tensor, and its sum and count. With count 0 the mean is NaN and
/// there is nothing to learn from the batch.
template <typename T>
struct Loss {
  Tensor<T> mean;
  LossSum total;
};

/// output [B, T] against labels [B, T] (cross_entropy: [B, 1], the class index); NaN labels are
/// left out (kernels/loss/loss.h defines each kind).
template <typename T>
Loss<T> loss(Tape<T>& tape, const Tensor<T>& output, const Tensor<T>& labels, LossKind kind);

}  // namespace explainn::engine
