// The network of the product: training and evaluation each as one fused pass over all units.
#pragma once

#include <optional>

#include "engine/unit_inference.h"
#include "model/composed_network.h"
#include "model/fused_training.h"

namespace explainn::model {

/// The units' layers as the fused passes take them; valid as long as `net`, which is on the CPU.
std::vector<engine::FoldedUnitLayer> folded_layers(const Architecture& sizes,
                                                   const ComposedNetwork<float>::Folded& net);

class FusedNetwork final : public Network {
 public:
  FusedNetwork(const Architecture& sizes, const Weights& weights,
               const std::optional<TrainingSettings>& settings);

  const Architecture& sizes() const override { return composed_.sizes(); }
  engine::LossSum train_step(const TrainingBatch& batch) override;
  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) override;
  Weights weights() const override;
  void set_weights(const Weights& weights) override;
  OptimizerState optimizer_state() const override { return training().optimizer_state(); }
  void set_optimizer_state(const OptimizerState& state) override {
    training().set_optimizer_state(state);
  }

 private:
  const FusedTraining<float>& training() const;
  FusedTraining<float>& training();

  std::optional<FusedTraining<float>> training_;
  ComposedNetwork<float> composed_;             // folds batch norms for inference
  std::optional<engine::UnitInference> units_;  // empty when weights have changed since
};

}  // namespace explainn::model
