// Training on a GPU: many batches at a time, the samples in the GPU's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/device_training.h"
#include "model/device_samples.h"
#include "model/network.h"
#include "model/unit_blocks.h"

namespace explainn::model {

/// What Network's functions of the same names promise.
class DeviceTraining {
 public:
  /// Throws UsageError where there is no such GPU.
  DeviceTraining(const Architecture& sizes, const Weights& weights,
                 const TrainingSettings& settings, const DeviceOptions& options, Device device);

  BatchesDone train_batches(const EpochBatches& batches);
  /// About a fifth of a second's work.
  std::int64_t batches_at_once() const { return at_once_; }
  engine::LossSum train_step(const TrainingBatch& batch);

  Weights weights() const;
  void set_weights(const Weights& weights);
  /// In the order of FusedTraining, so that either can go on where the other stopped.
  OptimizerState optimizer_state() const;
  void set_optimizer_state(const OptimizerState& state);

 private:
  void make_resident(const SampleSet& samples);
  std::vector<std::size_t> moved() const;

  Device device_;
  Architecture sizes_;
  std::int64_t label_columns_;
  DeviceOptions options_;
  engine::DeviceTraining steps_;
  UnitBlocks blocks_;
  std::optional<DeviceSamples> samples_;
  std::uint64_t samples_id_ = 0;
  std::int64_t at_once_;
};

}  // namespace explainn::model
