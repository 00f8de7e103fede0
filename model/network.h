// The interface of a network, whatever computes it: the fused unit pass or the composition of the
// engine's operations.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/alphabet.h"
#include "engine/device_inference.h"
#include "engine/loss.h"
#include "engine/optimizer.h"
#include "model/weights.h"

namespace explainn::model {

/// Rows of equal length for one pass.
struct SequenceBatch {
  const data::Base* bases;  ///< [B, L]
  std::int64_t rows;        ///< B
};

struct TrainingBatch {
  SequenceBatch sequences;
  const float* labels;  ///< [B, T], or [B, 1] class indices; NaN where unresolved
  std::uint32_t step;   ///< the number of the training step, from 0: the dropout's counter
};

class SampleSet;
class BatchPlan;

/// Batches [first, first + count) of an epoch, whose samples are permuted by (seed, epoch).
struct EpochBatches {
  const SampleSet& samples;
  const BatchPlan& plan;
  std::uint64_t seed;
  std::uint32_t epoch;
  std::int64_t first, count;
  std::uint32_t step;           ///< of the first of them
  engine::LossSum before = {};  ///< what their losses are added to
};

/// What became of some batches: fewer are done than were asked for where a loss was not finite,
/// which then is the last one's.
struct BatchesDone {
  engine::LossSum loss;
  std::int64_t batches;
};

/// Where inference writes; null: not wanted.
struct InferenceOutputs {
  float* logits = nullptr;        ///< [B, T]
  float* unit_outputs = nullptr;  ///< [B, U]
  float* activations = nullptr;   ///< [B, U, n], exp(batch norm(convolution))
};

/// Everything but the weights that training needs to go on.
struct OptimizerState {
  std::int64_t steps = 0;
  std::vector<std::vector<float>> moments;  ///< in the optimiser's own fixed order
};

/// What interpretation counts, without the activations ever reaching the host.
class ActivationCounts {
 public:
  virtual ~ActivationCounts() = default;
  /// Raises maxima [U], at least 0, to the activations of infer(), bit by bit. NaNs are passed
  /// over.
  virtual void raise_maxima(const SequenceBatch& batch, float* maxima) const = 0;
  /// Counts the windows whose activation is strictly greater than thresholds [U]; unit_outputs
  /// [B, U] as infer() gives them.
  virtual void count_sites(const SequenceBatch& batch, const float* thresholds,
                           const engine::DeviceSites& sites, float* unit_outputs) const = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual const Architecture& sizes() const = 0;

  /// Forward, loss, backward and one optimiser step. Without a resolved label nothing is changed
  /// and the count is 0; with a loss that is not finite nothing but the running statistics is
  /// changed and that loss is returned. Requires at least two rows.
  virtual engine::LossSum train_step(const TrainingBatch& batch) = 0;

  /// A training step for each batch. The same bits however the batches of an epoch are divided.
  virtual BatchesDone train_batches(const EpochBatches& batches);
  /// How many batches one call of train_batches() should be asked for.
  virtual std::int64_t batches_at_once() const { return 1; }

  /// Evaluation mode, batch norms folded into the layers before them. Any number of rows.
  virtual void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) = 0;
  /// How many rows one call of infer() should have for good speed.
  virtual std::int64_t rows_at_once() const { return 256; }
  /// Loss of all samples in evaluation mode.
  virtual engine::LossSum evaluation_loss(const SampleSet& samples, Criterion criterion);
  /// Null where activations are best had from infer(). Valid until the weights change.
  virtual const ActivationCounts* activation_counts() { return nullptr; }

  virtual Weights weights() const = 0;
  virtual void set_weights(const Weights& weights) = 0;
  virtual OptimizerState optimizer_state() const = 0;
  virtual void set_optimizer_state(const OptimizerState& state) = 0;
};

struct TrainingSettings {
  Criterion criterion;
  engine::OptimizerSettings optimizer;
  bool trim_weights = false;  ///< clamp final.weight to >= 0 after each step
  std::uint64_t seed = 1714;  ///< of the dropout
};

/// How a GPU is used; tests choose what the product leaves open.
struct DeviceOptions {
  /// Bytes that a set of samples may take there; a larger one passes through in chunks. Unset: most
  /// of what is free.
  std::optional<std::int64_t> sample_bytes = std::nullopt;
  /// Unset: by the time they take.
  std::optional<std::int64_t> batches_at_once = std::nullopt;
};

/// What computes a network. `composed` is the definition, operation by operation: far slower, with
/// the same results but for rounding.
enum class Computation { fused, composed };

/// A network for training, starting from `weights`. Throws UsageError where there is no such
/// device.
std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      const TrainingSettings& settings,
                                      Computation computation = Computation::fused,
                                      Device device = {}, const DeviceOptions& on_device = {});
/// A network for inference only.
std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      Computation computation = Computation::fused,
                                      Device device = {});

}  // namespace explainn::model
