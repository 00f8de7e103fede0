// Training by the fused unit pass: the units in one pass forward and one backward, the final layer
// and the loss by the engine's operations.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/optimizer.h"
#include "engine/unit_training.h"
#include "kernels/base/instruction_set.h"
#include "model/network.h"
#include "model/unit_blocks.h"

namespace explainn::model {

/// How the units are computed; tests choose what the product leaves as it is.
struct FusedOptions {
  std::optional<engine::HiddenPath> path = std::nullopt;  ///< unset: by the sizes
  std::int64_t pooled_bytes = std::int64_t{1} << 30;      ///< see UnitTrainingSettings
  InstructionSet set = chosen_instruction_set();
};

/// T is float in the product, double where it serves as a reference.
template <typename T>
class FusedTraining {
 public:
  FusedTraining(const Architecture& sizes, const Weights& weights, const TrainingSettings& settings,
                const FusedOptions& options = {});

  engine::LossSum train_step(const TrainingBatch& batch);
  Weights weights() const;
  void set_weights(const Weights& weights);
  /// In the order of ComposedNetwork: trained tensors as in tensor_specs(), idle biases left out.
  OptimizerState optimizer_state() const;
  void set_optimizer_state(const OptimizerState& state);

  /// For tests: a training step without the optimiser's, and what it would have used.
  struct Gradients {
    engine::LossSum loss;
    std::vector<T> unit_outputs, logits;
    std::vector<std::vector<T>> values;  ///< one a spec; empty where there is none
  };
  Gradients gradients(const TrainingBatch& batch);
  /// All numbers of the tensor of a spec, in PyTorch's order.
  std::vector<T> values_of(const std::string& name) const;

 private:
  struct Forward;
  Forward forward(const TrainingBatch& batch);
  bool of_units(std::size_t spec) const { return blocks_.of_units(spec); }
  engine::Tensor<T>& final_tensor(std::size_t spec) { return final_[blocks_.of_final(spec)]; }
  const engine::Tensor<T>& final_tensor(std::size_t spec) const {
    return final_[blocks_.of_final(spec)];
  }

  Architecture sizes_;
  TrainingSettings settings_;
  std::vector<TensorSpec> specs_;
  engine::UnitTraining<T> units_;
  UnitBlocks blocks_;
  engine::Tensor<T> final_[2];              // weight, bias
  std::vector<engine::Tensor<T>> moments_;  // of the units, laid out as their parameters
  engine::Optimizer<T> optimizer_;          // of the final layer
  std::int64_t batches_tracked_ = 0;
};

}  // namespace explainn::model
