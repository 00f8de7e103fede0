// Moves parameters along their gradients.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tensor.h"

namespace explainn::engine {

enum class OptimizerKind { adam, sgd };

struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::adam;
  double lr = 0.003;
  double momentum = 0;  ///< sgd only
  friend bool operator==(const OptimizerSettings&, const OptimizerSettings&) = default;
};

/// Adam (betas 0.9, 0.999, eps 1e-8, bias-corrected) or SGD, as PyTorch defines them.
template <typename T>
class Optimizer {
 public:
  Optimizer(OptimizerSettings settings, std::vector<Tensor<T>> parameters);

  /// One step by the parameters' gradients, which are then forgotten. A parameter without a
  /// gradient is treated as having gradient 0; one that wants none stays as it is.
  void step();

  /// What must be kept to continue: the number of steps and, in the order of the parameters, first
  /// moments (Adam) or velocities (SGD with momentum), then second moments (Adam).
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  std::vector<Tensor<T>>& state() { return state_; }
  const std::vector<Tensor<T>>& state() const { return state_; }

 private:
  OptimizerSettings settings_;
  std::vector<Tensor<T>> parameters_;
  std::vector<Tensor<T>> state_;
  std::int64_t steps_ = 0;
};

/// Numbers below 0 become 0.
template <typename T>
void clamp_negative(Tensor<T>& w);

}  // namespace explainn::engine
