// The network of the product: evaluation mode as one fused pass over all units, training by the
// composition of the engine's operations.
#pragma once

#include <optional>

#include "engine/unit_inference.h"
#include "model/composed_network.h"

namespace explainn::model {

class FusedNetwork final : public Network {
 public:
  FusedNetwork(const Architecture& sizes, const Weights& weights,
               const std::optional<TrainingSettings>& settings)
      : composed_(sizes, weights, settings) {}

  const Architecture& sizes() const override { return composed_.sizes(); }
  engine::LossSum train_step(const TrainingBatch& batch) override;
  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) override;
  Weights weights() const override { return composed_.weights(); }
  void set_weights(const Weights& weights) override;
  OptimizerState optimizer_state() const override { return composed_.optimizer_state(); }
  void set_optimizer_state(const OptimizerState& state) override {
    composed_.set_optimizer_state(state);
  }

 private:
  ComposedNetwork<float> composed_;
  std::optional<engine::UnitInference> units_;  // empty when weights have changed since
};

}  // namespace explainn::model
