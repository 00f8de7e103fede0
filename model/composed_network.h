// ExplaiNN as a composition of the engine's operations: the definition that every faster path must
// equal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/ops.h"
#include "engine/optimizer.h"
#include "model/network.h"

namespace explainn::model {

/// T is float in the product, double where it serves as a reference.
template <typename T>
class ComposedNetwork final : public Network {
 public:
  /// All numbers and all arithmetic on `device`. Throws UsageError where there is no such device.
  ComposedNetwork(const Architecture& sizes, const Weights& weights,
                  const std::optional<TrainingSettings>& settings, Device device = {});

  const Architecture& sizes() const override { return sizes_; }
  engine::LossSum train_step(const TrainingBatch& batch) override;
  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) override;
  Weights weights() const override;
  void set_weights(const Weights& weights) override;
  OptimizerState optimizer_state() const override;
  void set_optimizer_state(const OptimizerState& state) override;

  struct Outputs {
    engine::Tensor<T> unit_outputs;  ///< [B, U]
    engine::Tensor<T> logits;        ///< [B, T]
  };
  /// Training mode: batch statistics, dropout of step `step`. x [B, 4, L] need not be one-hot.
  Outputs forward(engine::Tape<T>& tape, const engine::Tensor<T>& x, std::uint32_t step);
  /// Forward, loss and backward; the gradients stay with the parameters (see tensor()).
  engine::LossSum gradients(const TrainingBatch& batch);
  /// One optimiser step by the gradients that are there.
  void update();
  /// The network with batch norms folded into the layers before them, on its device.
  struct Folded {
    struct Layer {
      engine::Tensor<T> w;     ///< [outputs, inputs..]
      engine::Tensor<T> bias;  ///< [outputs]
    };
    Layer convolution;               ///< [U, 4, K]
    std::vector<Layer> unit_layers;  ///< [U O, I] each, as UnitInference takes them
  };
  Folded folded() const;
  /// Parameter or running statistic by its state_dict name. Throws std::out_of_range.
  const engine::Tensor<T>& tensor(const std::string& name) const { return tensors_.at(name); }

 private:
  engine::Tensor<T> unit_layer(engine::Tape<T>& tape, const engine::Tensor<T>& x,
                               const std::string& linear, const std::string& norm);
  engine::BatchNorm<T> batch_norm(const std::string& prefix) const;
  void infer_rows(const Folded& net, const SequenceBatch& batch, const InferenceOutputs& outputs);

  Architecture sizes_;
  std::optional<TrainingSettings> settings_;
  Device device_;
  std::vector<TensorSpec> specs_;
  std::map<std::string, engine::Tensor<T>> tensors_;
  std::int64_t batches_tracked_ = 0;
  std::optional<engine::Optimizer<T>> optimizer_;
  std::shared_ptr<const Folded> folded_;  // empty when weights have changed since
};

/// [B, 4, L]: 1 where the base is that letter; an unknown base is a zero column.
template <typename T>
engine::Tensor<T> one_hot(const SequenceBatch& batch, std::int64_t length, Device device = {});

}  // namespace explainn::model
