// All differentiable operations. Each is one page in ops/: shape check, kernel call, backward
// closure.
//
// How to add an op: (1) kernels/<op>/<op>.h: one parameter struct and the contract of the forward
// and backward kernels; (2) <op>_cpu.cpp: templates on the scalar, instantiated for float and
// double; (3) declare it here; (4) ops/<op>.cpp: check shapes with require("[op] .."), allocate the
// result, call the kernel and, if tape.records({inputs..}), record a closure that captures inputs
// and what it saved (never the result) and fills the inputs' gradient_slot()s; (5)
// tests/engine/<op>_test.cpp: values by brute force, gradients by check_gradients() in double.
#pragma once

#include <memory>
#include <vector>

#include "engine/loss.h"
#include "engine/tape.h"
#include "kernels/dropout/dropout.h"

namespace explainn::engine {

/// x [B, C, L] * w [O, C/groups, K] (+ bias [O], may be an empty handle) -> [B, O, L-K+1].
template <typename T>
Tensor<T> conv1d(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias,
                 std::int64_t groups = 1);

/// Gamma, beta and the running statistics of a batch norm, all [C]. Running ones want no gradient.
template <typename T>
struct BatchNorm {
  Tensor<T> gamma;
  Tensor<T> beta;
  Tensor<T> running_mean;
  Tensor<T> running_var;
  double eps = 1e-5;
  double momentum = 0.1;
};

/// x [B, C] or [B, C, n], normalised by its own statistics, which move the running ones. Needs at
/// least two values a channel (std::invalid_argument).
template <typename T>
Tensor<T> batch_norm_train(Tape<T>& tape, const Tensor<T>& x, BatchNorm<T>& norm);

/// x normalised by the running statistics. Not differentiable: for inference.
template <typename T>
Tensor<T> batch_norm_eval(const Tensor<T>& x, const BatchNorm<T>& norm);

template <typename T>
Tensor<T> exp(Tape<T>& tape, const Tensor<T>& x);
template <typename T>
Tensor<T> relu(Tape<T>& tape, const Tensor<T>& x);
template <typename T>
Tensor<T> sigmoid(Tape<T>& tape, const Tensor<T>& x);
/// Over the last axis.
template <typename T>
Tensor<T> softmax(Tape<T>& tape, const Tensor<T>& x);

/// x [B, C, n] -> [B, C, Q], Q = (n - width) / stride + 1.
template <typename T>
Tensor<T> max_pool1d(Tape<T>& tape, const Tensor<T>& x, std::int64_t width, std::int64_t stride);

/// x [B, I], w [O, I], bias [O] -> [B, O].
template <typename T>
Tensor<T> linear(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias);

/// A layer a unit: x [B, U, I], w [U*O, I], bias [U*O] -> [B, U, O].
template <typename T>
Tensor<T> unit_linear(Tape<T>& tape, const Tensor<T>& x, const Tensor<T>& w, const Tensor<T>& bias);

/// Drops elements with p.probability and scales the others by 1 / (1 - probability). The decisions
/// follow from p alone (kernels/dropout/dropout.h).
template <typename T>
Tensor<T> dropout(Tape<T>& tape, const Tensor<T>& x, const kernels::DropoutParams& p);

/// The same numbers in another shape of the same size.
template <typename T>
Tensor<T> reshape(Tape<T>& tape, const Tensor<T>& x, Shape shape);
/// [B, ..] -> [B, rest].
template <typename T>
Tensor<T> flatten(Tape<T>& tape, const Tensor<T>& x);

}  // namespace explainn::engine
