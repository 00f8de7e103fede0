#include "model/device_network.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "engine/device_training.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"
#include "model/composed_network.h"
#include "model/samples.h"
#include "model/unit_blocks.h"

namespace explainn::model {
namespace {

using engine::DeviceBatches;
using engine::DeviceTraining;
using engine::DeviceTrainingState;
using engine::HostSamples;
using engine::ResidentSamples;

// After about this time the trainer gets to speak again.
constexpr double kSecondsAtOnce = 0.2;
constexpr std::int64_t kMostBatchesAtOnce = 1 << 16;

HostSamples packed(const SampleSet& samples) {
  HostSamples host(samples.sequences(), samples.input_length(), samples.label_columns());
  constexpr std::int64_t kAtOnce = 512;
  parallel_blocks(samples.sequences(), kAtOnce, [&](std::int64_t begin, std::int64_t end) {
    std::vector<data::Base> bases(static_cast<std::size_t>(samples.input_length()));
    std::vector<float> labels(static_cast<std::size_t>(samples.label_columns()));
    for (std::int64_t i = begin; i < end; ++i) {
      samples.write(i, bases.data(), labels.data());
      host.set(i, bases.data(), labels.data());
    }
  });
  return host;
}

class DeviceNetwork final : public Network {
 public:
  DeviceNetwork(const Architecture& sizes, const Weights& weights, const TrainingSettings& settings,
                Device device)
      : device_(device),
        sizes_(sizes),
        training_(unit_sizes(sizes), layer_outputs(sizes), training_settings(sizes, settings),
                  device),
        blocks_(sizes, training_.layout()),
        evaluated_(sizes, weights, std::nullopt, device) {
    set_weights(weights);
  }

  const Architecture& sizes() const override { return sizes_; }

  BatchesDone train_batches(const EpochBatches& batches) override {
    const auto start = std::chrono::steady_clock::now();
    if (!resident_ || resident_set_ != &batches.samples) {
      resident_.reset();  // its memory may be needed
      resident_.emplace(packed(batches.samples), batches.samples.both_strands(), device_);
      resident_set_ = &batches.samples;
    }
    stale_ = true;
    const engine::DeviceRun run = training_.run(
        resident_->view(), {.order = {.shuffled = true,
                                      .size = static_cast<std::uint64_t>(batches.samples.size()),
                                      .seed = batches.seed,
                                      .epoch = batches.epoch},
                            .begin = batches.plan.begin(batches.first),
                            .end = batches.plan.end(batches.first + batches.count - 1),
                            .batch = batches.plan.batch_size(),
                            .step = batches.step});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double of_batch =
        took.count() / static_cast<double>(std::max<std::int64_t>(1, run.steps));
    at_once_ = std::clamp(static_cast<std::int64_t>(kSecondsAtOnce / of_batch), std::int64_t{1},
                          kMostBatchesAtOnce);
    return {run.loss, run.steps};
  }
  std::int64_t batches_at_once() const override { return at_once_; }

  engine::LossSum train_step(const TrainingBatch& batch) override {
    const std::int64_t rows = batch.sequences.rows;
    const std::int64_t length = sizes_.input_length;
    const std::int64_t columns = label_columns_;
    HostSamples host(rows, length, columns);
    for (std::int64_t i = 0; i < rows; ++i) {
      host.set(i, batch.sequences.bases + i * length, batch.labels + i * columns);
    }
    const ResidentSamples samples(host, false, device_);
    stale_ = true;
    return training_
        .run(samples.view(),
             {.order = {}, .begin = 0, .end = rows, .batch = rows, .step = batch.step})
        .loss;
  }

  void infer(const SequenceBatch& batch, const InferenceOutputs& outputs) override {
    if (stale_) evaluated_.set_weights(weights());
    stale_ = false;
    evaluated_.infer(batch, outputs);
  }

  Weights weights() const override {
    const DeviceTrainingState state = training_.state();
    Weights result{
        .specs = blocks_.specs(), .values = {}, .batches_tracked = state.batches_tracked};
    for (std::size_t i = 0; i < blocks_.specs().size(); ++i) {
      if (blocks_.of_units(i)) {
        const UnitBlocks::Field field = blocks_.field(i);
        result.values.push_back(blocks_.gathered<float>(
            field, field.trained ? state.parameters.data() : state.statistics.data()));
      } else {
        result.values.push_back(blocks_.of_final(i) == 0 ? state.final_weight : state.final_bias);
      }
    }
    return result;
  }

  void set_weights(const Weights& weights) override {
    DeviceTrainingState state = training_.state();
    state.batches_tracked = weights.batches_tracked;
    for (std::size_t i = 0; i < blocks_.specs().size(); ++i) {
      const TensorSpec& spec = blocks_.specs()[i];
      const std::vector<float>& values = weights.at(spec.name);
      require(static_cast<std::int64_t>(values.size()) == spec.size(), "set_weights", spec.name,
              " has ", values.size(), " values instead of ", spec.size());
      if (blocks_.of_units(i)) {
        const UnitBlocks::Field field = blocks_.field(i);
        blocks_.scatter(field, values,
                        field.trained ? state.parameters.data() : state.statistics.data());
      } else {
        (blocks_.of_final(i) == 0 ? state.final_weight : state.final_bias) = values;
      }
    }
    training_.set_state(state);
    stale_ = true;
  }

  OptimizerState optimizer_state() const override {
    const DeviceTrainingState state = training_.state();
    OptimizerState result{.steps = state.optimizer_steps, .moments = {}};
    for (std::size_t moment = 0; moment < state.moments.size(); ++moment) {
      for (const std::size_t i : moved()) {
        if (blocks_.of_units(i)) {
          result.moments.push_back(
              blocks_.gathered<float>(blocks_.field(i), state.moments[moment].data()));
        } else {
          result.moments.push_back((blocks_.of_final(i) == 0 ? state.final_weight_moments
                                                             : state.final_bias_moments)[moment]);
        }
      }
    }
    return result;
  }

  void set_optimizer_state(const OptimizerState& given) override {
    DeviceTrainingState state = training_.state();
    const std::vector<std::size_t> order = moved();
    require(given.moments.size() == order.size() * state.moments.size(), "set_optimizer_state",
            given.moments.size(), " tensors instead of ", order.size() * state.moments.size());
    for (std::size_t j = 0; j < given.moments.size(); ++j) {
      const std::size_t i = order[j % order.size()];
      const std::size_t moment = j / order.size();
      require(static_cast<std::int64_t>(given.moments[j].size()) == blocks_.specs()[i].size(),
              "set_optimizer_state", "tensor ", j, " has the wrong size");
      if (blocks_.of_units(i)) {
        blocks_.scatter(blocks_.field(i), given.moments[j], state.moments[moment].data());
      } else {
        (blocks_.of_final(i) == 0 ? state.final_weight_moments : state.final_bias_moments)[moment] =
            given.moments[j];
      }
    }
    state.optimizer_steps = given.steps;
    training_.set_state(state);
  }

 private:
  engine::DeviceTrainingSettings training_settings(const Architecture& sizes,
                                                   const TrainingSettings& settings) {
    label_columns_ = settings.criterion == Criterion::cross_entropy ? 1 : sizes.num_tasks;
    return {.tasks = sizes.num_tasks,
            .loss = settings.criterion,
            .dropout = Architecture::kDropout,
            .seed = settings.seed,
            .first_stream = static_cast<std::uint32_t>(Stream::dropout),
            .adam = settings.optimizer.kind == engine::OptimizerKind::adam,
            .lr = settings.optimizer.lr,
            .momentum = settings.optimizer.momentum,
            .trim_weights = settings.trim_weights};
  }

  std::vector<std::size_t> moved() const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < blocks_.specs().size(); ++i) {
      if (blocks_.moved(i)) result.push_back(i);
    }
    return result;
  }

  Device device_;
  Architecture sizes_;
  std::int64_t label_columns_ = 0;
  DeviceTraining training_;
  UnitBlocks blocks_;
  ComposedNetwork<float> evaluated_;
  bool stale_ = true;  // evaluated_ has not the weights of now
  std::optional<ResidentSamples> resident_;
  const SampleSet* resident_set_ = nullptr;
  std::int64_t at_once_ = 1;
};

}  // namespace

std::unique_ptr<Network> make_device_network(const Architecture& sizes, const Weights& weights,
                                             const TrainingSettings& settings, Device device) {
  if constexpr (kCudaBuild) {
    return std::make_unique<DeviceNetwork>(sizes, weights, settings, device);
  }
  throw UsageError(cat("this build has no CUDA, so ", to_string(device),
                       " cannot be used; choose the device cpu"));
}

}  // namespace explainn::model
