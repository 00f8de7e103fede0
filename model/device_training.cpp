#include "model/device_training.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace explainn::model {
namespace {

using engine::DeviceTrainingState;

constexpr double kSecondsAtOnce = 0.2;
constexpr std::int64_t kFirstBatches = 16;
constexpr std::int64_t kMostBatches = 1 << 16;

engine::DeviceTrainingSettings training_settings(const Architecture& sizes,
                                                 const TrainingSettings& settings) {
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

}  // namespace

DeviceTraining::DeviceTraining(const Architecture& sizes, const Weights& weights,
                               const TrainingSettings& settings, const DeviceOptions& options,
                               Device device)
    : device_(device),
      sizes_(sizes),
      label_columns_(settings.criterion == Criterion::cross_entropy ? 1 : sizes.num_tasks),
      options_(options),
      steps_(unit_sizes(sizes), layer_outputs(sizes), training_settings(sizes, settings), device),
      blocks_(sizes, steps_.layout()),
      at_once_(options.batches_at_once.value_or(kFirstBatches)) {
  set_weights(weights);
}

void DeviceTraining::make_resident(const SampleSet& samples) {
  if (samples_ && samples_id_ == samples.id()) return;
  samples_.emplace(samples, device_, options_.sample_bytes);  // frees the memory of others first
  samples_id_ = samples.id();
}

BatchesDone DeviceTraining::train_batches(const EpochBatches& batches) {
  make_resident(batches.samples);
  const auto start = std::chrono::steady_clock::now();
  const BatchPlan& plan = batches.plan;
  BatchesDone done{.loss = batches.before, .batches = 0};
  samples_->each_part({.order = {.shuffled = true,
                                 .size = static_cast<std::uint64_t>(batches.samples.size()),
                                 .seed = batches.seed,
                                 .epoch = batches.epoch},
                       .begin = plan.begin(batches.first),
                       .end = batches.samples.size(),
                       .batch = plan.batch_size()},
                      plan.end(batches.first + batches.count - 1), [&](const SamplePart& part) {
                        const engine::DeviceRun run = steps_.run(
                            part.samples,
                            {.order = part.order,
                             .begin = part.begin,
                             .end = part.end,
                             .batch = plan.batch_size(),
                             .step = batches.step + static_cast<std::uint32_t>(done.batches),
                             .before = done.loss});
                        done.loss = run.loss;
                        done.batches += run.steps;
                        return std::isfinite(run.loss.sum);
                      });
  if (!options_.batches_at_once && done.batches > 0) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double fitting = kSecondsAtOnce / took.count() * static_cast<double>(done.batches);
    at_once_ = static_cast<std::int64_t>(std::clamp(fitting, 1.0, double{kMostBatches}));
  }
  return done;
}

engine::LossSum DeviceTraining::train_step(const TrainingBatch& batch) {
  const std::int64_t rows = batch.sequences.rows;
  engine::HostSamples host(rows, sizes_.input_length, label_columns_);
  for (std::int64_t i = 0; i < rows; ++i) {
    host.set(i, batch.sequences.bases + i * sizes_.input_length, batch.labels + i * label_columns_);
  }
  const engine::ResidentSamples samples(host, false, device_);
  return steps_
      .run(samples.view(),
           {.order = {}, .begin = 0, .end = rows, .batch = rows, .step = batch.step})
      .loss;
}

Weights DeviceTraining::weights() const {
  const DeviceTrainingState state = steps_.state();
  Weights result{.specs = blocks_.specs(), .values = {}, .batches_tracked = state.batches_tracked};
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

void DeviceTraining::set_weights(const Weights& weights) {
  DeviceTrainingState state = steps_.state();
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
  steps_.set_state(state);
}

std::vector<std::size_t> DeviceTraining::moved() const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < blocks_.specs().size(); ++i) {
    if (blocks_.moved(i)) result.push_back(i);
  }
  return result;
}

OptimizerState DeviceTraining::optimizer_state() const {
  const DeviceTrainingState state = steps_.state();
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

void DeviceTraining::set_optimizer_state(const OptimizerState& given) {
  DeviceTrainingState state = steps_.state();
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
  steps_.set_state(state);
}

}  // namespace explainn::model
