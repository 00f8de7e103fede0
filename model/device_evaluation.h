// Evaluation on a GPU: predictions, losses, and what interpretation counts.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/device_inference.h"
#include "model/composed_network.h"
#include "model/device_samples.h"
#include "model/network.h"

namespace explainn::model {

/// What Network's functions of the same names promise.
class DeviceEvaluation final : public ActivationCounts {
 public:
  /// Throws UsageError where there is no such GPU.
  DeviceEvaluation(const Architecture& sizes, const Weights& weights, const DeviceOptions& options,
                   Device device);

  void set_weights(const Weights& weights);
  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) const;
  /// The samples stay on the GPU until there are others.
  engine::LossSum loss(const SampleSet& samples, Criterion criterion);

  void raise_maxima(const SequenceBatch& batch, float* maxima) const override;
  void count_sites(const SequenceBatch& batch, const float* thresholds,
                   const engine::DeviceSites& sites, float* unit_outputs) const override;

 private:
  engine::ResidentSamples uploaded(const SequenceBatch& batch) const;
  engine::DeviceInference make_inference() const;

  Device device_;
  DeviceOptions options_;
  ComposedNetwork<float> folding_;  // folds batch norms, on the host
  engine::DeviceInference inference_;
  std::optional<DeviceSamples> samples_;
  std::uint64_t samples_id_ = 0;
};

}  // namespace explainn::model
