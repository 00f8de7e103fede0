#include "model/fused_network.h"

#include <algorithm>

#include "kernels/base/error.h"

namespace explainn::model {

using engine::Shape;
using engine::Tape;
using engine::Tensor;

std::vector<engine::FoldedUnitLayer> folded_layers(const Architecture& sizes,
                                                   const ComposedNetwork<float>::Folded& net) {
  std::vector<engine::FoldedUnitLayer> layers;
  for (const auto& layer : net.unit_layers) {
    layers.push_back({.inputs = layer.w.shape()[1],
                      .outputs = layer.w.shape()[0] / sizes.num_units,
                      .w = layer.w.data(),
                      .bias = layer.bias.data()});
  }
  return layers;
}

FusedNetwork::FusedNetwork(const Architecture& sizes, const Weights& weights,
                           const std::optional<TrainingSettings>& settings)
    : composed_(sizes, weights, std::nullopt) {
  if (settings) training_.emplace(sizes, weights, *settings);
}

FusedTraining<float>& FusedNetwork::training() {
  require(training_.has_value(), "train", "this network was made for inference only");
  return *training_;
}

const FusedTraining<float>& FusedNetwork::training() const {
  require(training_.has_value(), "train", "this network was made for inference only");
  return *training_;
}

engine::LossSum FusedNetwork::train_step(const TrainingBatch& batch) {
  units_.reset();
  return training().train_step(batch);
}

Weights FusedNetwork::weights() const {
  return training_ ? training_->weights() : composed_.weights();
}

void FusedNetwork::set_weights(const Weights& weights) {
  units_.reset();
  if (training_) training_->set_weights(weights);
  composed_.set_weights(weights);
}

void FusedNetwork::infer(const SequenceBatch& batch, const InferenceOutputs& outputs) {
  if (!units_) {
    if (training_) composed_.set_weights(training_->weights());
    const auto net = composed_.folded();
    units_.emplace(unit_sizes(sizes()), net.convolution.w.data(), net.convolution.bias.data(),
                   folded_layers(sizes(), net));
  }
  if (outputs.activations != nullptr) {
    units_->activations(batch.bases, batch.rows, outputs.activations);
  }
  if (outputs.unit_outputs == nullptr && outputs.logits == nullptr) return;

  Tensor<float> units(Shape{batch.rows, sizes().num_units});
  units_->outputs(batch.bases, batch.rows, units.data());
  if (outputs.unit_outputs != nullptr)
    std::copy_n(units.data(), units.size(), outputs.unit_outputs);
  if (outputs.logits != nullptr) {
    Tape<float> tape(Tape<float>::Mode::off);
    const Tensor<float> logits = engine::linear(tape, units, composed_.tensor("final.weight"),
                                                composed_.tensor("final.bias"));
    std::copy_n(logits.data(), logits.size(), outputs.logits);
  }
}

}  // namespace explainn::model
