// Whole training steps on a GPU: units, final layer, loss, backward pass and optimiser, for many
// batches without a word to the host.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/device.h"
#include "kernels/loss/loss.h"
#include "kernels/unit_pass/packed_samples.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

struct DeviceTrainingSettings {
  std::int64_t tasks;  ///< T
  LossKind loss;
  double dropout;              ///< probability behind each hidden layer, in [0, 1)
  std::uint64_t seed;          ///< of the dropout
  std::uint32_t first_stream;  ///< of the first hidden layer's dropout; the next ones follow
  bool adam;                   ///< else SGD
  double lr;
  double momentum = 0;        ///< SGD only
  bool trim_weights = false;  ///< clamp the final weights to >= 0 after each step
  /// The step of several kernels even where one that stays on the chip would do (for tests).
  bool always_tiled = false;
};

/// All numbers of a training in progress, on the host.
struct DeviceTrainingState {
  std::vector<float> parameters;    ///< [U, layout.parameters]
  std::vector<float> statistics;    ///< [U, layout.statistics]
  std::vector<float> final_weight;  ///< [T, U]
  std::vector<float> final_bias;    ///< [T]
  /// Of the parameters, final weights and final biases: first and second moments (Adam), the
  /// velocity (SGD with momentum), or nothing.
  std::vector<std::vector<float>> moments, final_weight_moments, final_bias_moments;
  std::int64_t optimizer_steps = 0;
  std::int64_t batches_tracked = 0;  ///< steps that the batch norms have seen
};

/// Gradients and what they come from, on the host; for tests.
struct DeviceGradients {
  LossSum loss;
  std::vector<float> unit_outputs;  ///< [B, U]
  std::vector<float> logits;        ///< [B, T]
  std::vector<float> parameters;    ///< [U, layout.parameters]
  std::vector<float> final_weight;  ///< [T, U]
  std::vector<float> final_bias;    ///< [T]
};

/// Places [begin, end) of an order, in consecutive batches of `batch` rows. A last batch of one row
/// joins the one before it. Requires end - begin >= 2 and batch >= 2.
struct DeviceBatches {
  SampleOrder order;
  std::int64_t begin, end;
  std::int64_t batch;
  std::uint32_t step;  ///< the number of the first batch's training step: the dropout's counter
  LossSum before = {};  ///< what the losses are added to
};

struct DeviceRun {
  LossSum loss;        ///< over the steps done, and what was there before
  std::int64_t steps;  ///< done; fewer than there are batches where a loss was not finite (the last
                       ///< one done, whose loss is in `loss` and whose update was not made)
};

struct DevicePhase {
  const char* name;
  double cycles;  ///< of the multiprocessor's clock
};

class DeviceTraining {
 public:
  /// All numbers are 0 until they are set. Throws std::invalid_argument where sizes do not fit each
  /// other (UnitLayout), UsageError where there is no such GPU.
  DeviceTraining(const UnitSizes& sizes, const std::vector<std::int64_t>& hidden_outputs,
                 const DeviceTrainingSettings& settings, Device device);
  ~DeviceTraining();
  DeviceTraining(DeviceTraining&&) noexcept;
  DeviceTraining& operator=(DeviceTraining&&) noexcept;

  const UnitLayout& layout() const;
  DeviceTrainingState state() const;
  /// Sizes must be those of state().
  void set_state(const DeviceTrainingState& state);

  /// One training step a batch. A batch without a resolved label makes no step, though it counts as
  /// done. The same bits in every run on one kind of GPU, also where the batches are divided among
  /// several runs. Waits for the end.
  DeviceRun run(const PackedSamples& samples, const DeviceBatches& batches);

  /// As run(), and what the first unit's block spent in each phase of a step, on average. Empty
  /// where the sizes do not fit the kernel of many steps.
  std::vector<DevicePhase> time_phases(const PackedSamples& samples, const DeviceBatches& batches);

  /// Of one batch, places [begin, end) of an order; running statistics move, nothing else changes.
  DeviceGradients gradients(const PackedSamples& samples, const DeviceBatches& batches);

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace explainn::kernels
