#include "model/device_network.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "model/device_evaluation.h"
#include "model/device_training.h"

namespace explainn::model {
namespace {

class DeviceNetwork final : public Network {
 public:
  DeviceNetwork(const Architecture& sizes, const Weights& weights,
                const std::optional<TrainingSettings>& settings, const DeviceOptions& options,
                Device device)
      : sizes_(sizes), weights_(weights), evaluation_(sizes, weights, options, device) {
    if (settings) training_.emplace(sizes, weights, *settings, options, device);
  }

  const Architecture& sizes() const override { return sizes_; }

  engine::LossSum train_step(const TrainingBatch& batch) override {
    stale_ = true;
    return training().train_step(batch);
  }
  BatchesDone train_batches(const EpochBatches& batches) override {
    stale_ = true;
    return training().train_batches(batches);
  }
  std::int64_t batches_at_once() const override { return training().batches_at_once(); }

  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) override {
    evaluation().infer(batch, outputs);
  }
  // So many that copies and launches do not show, in a few megabytes of the host.
  std::int64_t rows_at_once() const override {
    constexpr std::int64_t kNumbers = std::int64_t{1} << 22;
    const std::int64_t of_row = sizes_.input_length + sizes_.num_units + sizes_.num_tasks;
    return std::clamp<std::int64_t>(kNumbers / of_row, 256, 16384);
  }
  engine::LossSum evaluation_loss(const SampleSet& samples, Criterion criterion) override {
    return evaluation().loss(samples, criterion);
  }
  const ActivationCounts* activation_counts() override { return &evaluation(); }

  Weights weights() const override { return training_ ? training_->weights() : weights_; }
  void set_weights(const Weights& weights) override {
    if (training_) training_->set_weights(weights);
    weights_ = weights;
    stale_ = true;
  }
  OptimizerState optimizer_state() const override { return training().optimizer_state(); }
  void set_optimizer_state(const OptimizerState& state) override {
    training().set_optimizer_state(state);
  }

 private:
  const DeviceTraining& training() const {
    require(training_.has_value(), "train", "this network was made for inference only");
    return *training_;
  }
  DeviceTraining& training() {
    require(training_.has_value(), "train", "this network was made for inference only");
    return *training_;
  }
  // With the weights of now.
  DeviceEvaluation& evaluation() {
    if (stale_) evaluation_.set_weights(weights());
    stale_ = false;
    return evaluation_;
  }

  Architecture sizes_;
  Weights weights_;  // where nothing is trained
  DeviceEvaluation evaluation_;
  std::optional<DeviceTraining> training_;
  bool stale_ = false;  // evaluation_ has older weights
};

}  // namespace

std::unique_ptr<Network> make_device_network(const Architecture& sizes, const Weights& weights,
                                             const std::optional<TrainingSettings>& settings,
                                             Device device, const DeviceOptions& options) {
  if constexpr (kCudaBuild) {
    return std::make_unique<DeviceNetwork>(sizes, weights, settings, options, device);
  }
  throw UsageError(cat("this build has no CUDA, so ", to_string(device),
                       " cannot be used; choose the device cpu"));
}

}  // namespace explainn::model
