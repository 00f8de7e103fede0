#include "kernels/unit_pass/device_training.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <optional>

#include "kernels/base/error.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/stream.h"
#include "kernels/unit_pass/device_workspace.h"

namespace explainn::kernels {
namespace {

// Fewer steps than these are not worth recording.
constexpr std::int64_t kStepsToRecord = 8;

int moments_of(const DeviceTrainingSettings& settings) {
  if (settings.adam) return 2;
  return settings.momentum != 0 ? 1 : 0;
}

void make_step(const Step& step) {
  gather_batch(step);
  convolve(step);
  forward_layers(step);
  forward_head(step);
  backward_head(step);
  backward_layers(step);
  filter_gradients(step);
  update(step);
  finish_step(step);
}

}  // namespace

class DeviceTraining::Body {
 public:
  Body(const UnitSizes& sizes, const std::vector<std::int64_t>& hidden_outputs,
       const DeviceTrainingSettings& settings, Device device)
      : device_(device),
        sizes_(sizes),
        layout_(sizes, hidden_outputs),
        settings_(settings),
        units_(sizes.units * layout_.parameters, moments_of(settings), device),
        final_weight_(settings.tasks * sizes.units, moments_of(settings), device),
        final_bias_(settings.tasks, moments_of(settings), device),
        statistics_(zeros<float>(sizes.units * layout_.statistics, device)),
        status_(zeros<StepStatus>(1, device)) {
    require(layout_.layers.size() <= kMostLayers, "device training", layout_.layers.size(),
            " layers, but at most ", kMostLayers, " are possible");
    for (const UnitLayer& layer : layout_.layers) {
      require(layer.outputs == 1 || layer.outputs == kNodes, "device training",
              "hidden layers have ", kNodes, " nodes, not ", layer.outputs);
    }
  }

  const UnitLayout& layout() const { return layout_; }

  DeviceTrainingState state() const {
    explainn::cuda::use(device_);
    DeviceTrainingState state;
    units_.read(state.parameters, state.moments);
    final_weight_.read(state.final_weight, state.final_weight_moments);
    final_bias_.read(state.final_bias, state.final_bias_moments);
    state.statistics.resize(static_cast<std::size_t>(statistics_.size()));
    copy_from<float>(device_, statistics_.data(), state.statistics);
    const StepStatus now = status();
    state.optimizer_steps = now.optimizer_step;
    state.batches_tracked = now.tracked;
    return state;
  }

  void set_state(const DeviceTrainingState& state) {
    explainn::cuda::use(device_);
    units_.write(state.parameters, state.moments);
    final_weight_.write(state.final_weight, state.final_weight_moments);
    final_bias_.write(state.final_bias, state.final_bias_moments);
    require(static_cast<std::int64_t>(state.statistics.size()) == statistics_.size(),
            "device training", state.statistics.size(), " statistics instead of ",
            statistics_.size());
    copy_bytes(device_, statistics_.data(), {}, state.statistics.data(),
               state.statistics.size() * sizeof(float));
    StepStatus now{};
    now.optimizer_step = state.optimizer_steps;
    now.tracked = state.batches_tracked;
    set_status(now);
  }

  DeviceRun run(const PackedSamples& samples, const DeviceBatches& batches) {
    explainn::cuda::use(device_);
    check_batches(samples, batches);
    begin(batches);
    const std::int64_t size = batches.end - batches.begin;
    const std::int64_t batch = batches.batch;
    // Full batches, then what is left: a single row joins the batch before it. How a batch is
    // computed must not depend on what else is in this run.
    std::int64_t full = size / batch;
    std::int64_t rest = size % batch;
    if (rest == 1) {
      --full;
      rest += batch;
    }
    prepare_workspace(std::max(full > 0 ? batch : 0, rest));
    if (full > 0) make_full_steps(step_of(samples, batches, batch, false), full);
    if (rest > 0) make_steps(step_of(samples, batches, rest, false), 1);
    const StepStatus now = status();
    return {.loss = now.loss, .steps = now.steps};
  }

  std::vector<DevicePhase> time_phases(const PackedSamples& samples, const DeviceBatches& batches) {
    explainn::cuda::use(device_);
    clocks_ = zeros<long long>(kChipPhases, device_);
    const DeviceRun done = run(samples, batches);
    std::vector<long long> clocks(kChipPhases);
    copy_from<long long>(device_, clocks_.data(), clocks);
    clocks_ = {};
    static const char* const kNames[] = {
        "read",      "fold",          "pool",     "multiply",
        "norm",      "gate",          "output",   "wait for outputs",
        "judge",     "wait for rows", "way back", "nodes",
        "gradients", "products",      "windows",  "filter"};
    static_assert(std::size(kNames) == kChipPhases);
    std::vector<DevicePhase> phases;
    for (int i = 0; i < kChipPhases; ++i) {
      if (clocks[i] == 0) continue;
      phases.push_back(
          {kNames[i], static_cast<double>(clocks[i]) / static_cast<double>(done.steps)});
    }
    return phases;
  }

  DeviceGradients gradients(const PackedSamples& samples, const DeviceBatches& batches) {
    explainn::cuda::use(device_);
    check_batches(samples, batches);
    begin(batches);
    const std::int64_t rows = batches.end - batches.begin;
    prepare_workspace(rows);
    const Step step = step_of(samples, batches, rows, true);
    make_step(step);
    DeviceGradients result{.loss = status().loss,
                           .unit_outputs = std::vector<float>(rows * sizes_.units),
                           .logits = std::vector<float>(rows * settings_.tasks),
                           .parameters = units_.gradients(),
                           .final_weight = final_weight_.gradients(),
                           .final_bias = final_bias_.gradients()};
    copy_from<float>(device_, step.memory.outputs, result.unit_outputs);
    copy_from<float>(device_, step.memory.logits, result.logits);
    return result;
  }

 private:
  void check_batches(const PackedSamples& samples, const DeviceBatches& batches) const {
    const std::int64_t size = batches.end - batches.begin;
    require(batches.begin >= 0 && size >= 2 && batches.batch >= 2, "device training", "places ",
            batches.begin, " to ", batches.end, " in batches of ", batches.batch,
            ": two rows are the least");
    require(batches.end <= samples.samples() && samples.length == sizes_.length, "device training",
            "places up to ", batches.end, " of ", samples.samples(), " samples of length ",
            samples.length, " instead of ", sizes_.length);
    constexpr std::int64_t kMostPairs = std::int64_t{1} << 32;
    const std::int64_t rows = std::min(batches.batch + 1, size);
    require(rows * sizes_.units * kNodes / 2 < kMostPairs, "device training", rows, " rows of ",
            sizes_.units, " units are too many for one batch");
  }

  StepStatus status() const {
    StepStatus now{};
    copy_from<StepStatus>(device_, status_.data(), std::span(&now, 1));
    return now;
  }
  void set_status(const StepStatus& now) {
    copy_bytes(device_, status_.data(), {}, &now, sizeof now);
  }

  void begin(const DeviceBatches& batches) {
    StepStatus now = status();
    set_status({.place = batches.begin,
                .optimizer_step = now.optimizer_step,
                .steps = 0,
                .tracked = now.tracked,
                .loss = batches.before,
                .step = batches.step,
                .counted = 0,
                .learn = 0,
                .stopped = 0});
  }

  StepSizes step_sizes(std::int64_t rows) const {
    const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
    const LossParams loss{.kind = settings_.loss, .rows = rows, .tasks = settings_.tasks};
    return {.rows = narrow(rows),
            .units = narrow(sizes_.units),
            .filter = narrow(sizes_.filter),
            .length = narrow(sizes_.length),
            .pool = narrow(sizes_.pool),
            .stride = narrow(sizes_.stride),
            .positions = narrow(sizes_.positions()),
            .pooled = narrow(sizes_.pooled()),
            .pooled_row = narrow((sizes_.pooled() + 3) / 4 * 4),
            .tasks = narrow(settings_.tasks),
            .label_columns = narrow(loss.label_columns()),
            .layer_count = narrow(static_cast<std::int64_t>(layout_.layers.size())),
            .parts = step_parts(rows, sizes_.units),
            .loss = settings_.loss};
  }

  void prepare_workspace(std::int64_t rows) {
    if (workspace_ && rows <= workspace_rows_) return;
    workspace_.reset();
    workspace_.emplace(step_sizes(rows), layout_, device_);
    workspace_rows_ = rows;
  }

  Step step_of(const PackedSamples& samples, const DeviceBatches& batches, std::int64_t rows,
               bool gradients_only) {
    Step step{};
    step.sizes = step_sizes(rows);
    step.layout.convolution = layout_.convolution;
    std::copy(layout_.layers.begin(), layout_.layers.end(), step.layout.layers);
    step.layout.parameters = layout_.parameters;
    step.layout.statistics = layout_.statistics;
    step.memory.status = status_.data();
    step.memory.units = units_.view();
    step.memory.final_weight = final_weight_.view();
    step.memory.final_bias = final_bias_.view();
    step.memory.statistics = statistics_.data();
    workspace_->fill(step.memory, step.sizes);
    step.memory.batch.counted = &status_.data()->counted;
    step.samples = samples;
    step.order = batches.order;
    step.dropout = settings_.dropout;
    step.seed = settings_.seed;
    step.first_stream = settings_.first_stream;
    step.adam = settings_.adam;
    step.trim_weights = settings_.trim_weights;
    step.gradients_only = gradients_only;
    step.lr = settings_.lr;
    step.momentum = settings_.momentum;
    return step;
  }

  // In one launch where the units fit on the chip.
  void make_full_steps(const Step& step, std::int64_t count) {
    const ChipSizes sizes = settings_.always_tiled ? ChipSizes{} : chip_sizes(step);
    if (sizes.blocks == 0) {
      make_steps(step, count);
      return;
    }
    if (!chip_ || chip_rows_ != step.sizes.rows) {
      chip_.reset();
      chip_.emplace(step, device_);
      chip_rows_ = step.sizes.rows;
    }
    const std::int64_t made = status().optimizer_step;
    ChipMemory memory = chip_->view(step, count, made);
    memory.clocks = clocks_.data();
    run_on_chip({.step = step, .memory = memory, .steps = count, .first_optimizer_step = made + 1},
                sizes);
  }

  static void make_steps(const Step& step, std::int64_t count) {
    if (count < kStepsToRecord) {
      for (std::int64_t i = 0; i < count; ++i) make_step(step);
      return;
    }
    explainn::cuda::Graph graph([&step] { make_step(step); });
    for (std::int64_t i = 0; i < count; ++i) graph.replay();
    explainn::cuda::synchronise();  // before the graph goes
  }

  Device device_;
  UnitSizes sizes_;
  UnitLayout layout_;
  DeviceTrainingSettings settings_;
  TrainedBuffers units_;         // [U, layout.parameters]
  TrainedBuffers final_weight_;  // [T, U]
  TrainedBuffers final_bias_;    // [T]
  Buffer<float> statistics_;     // [U, layout.statistics]
  Buffer<StepStatus> status_;
  std::optional<StepWorkspace> workspace_;
  std::int64_t workspace_rows_ = 0;
  std::optional<ChipWorkspace> chip_;
  std::int64_t chip_rows_ = 0;
  Buffer<long long> clocks_;  // only while phases are timed
};

DeviceTraining::DeviceTraining(const UnitSizes& sizes,
                               const std::vector<std::int64_t>& hidden_outputs,
                               const DeviceTrainingSettings& settings, Device device)
    : body_(std::make_unique<Body>(sizes, hidden_outputs, settings, device)) {}
DeviceTraining::~DeviceTraining() = default;
DeviceTraining::DeviceTraining(DeviceTraining&&) noexcept = default;
DeviceTraining& DeviceTraining::operator=(DeviceTraining&&) noexcept = default;

const UnitLayout& DeviceTraining::layout() const {
  return body_->layout();
}
DeviceTrainingState DeviceTraining::state() const {
  return body_->state();
}
void DeviceTraining::set_state(const DeviceTrainingState& state) {
  body_->set_state(state);
}
DeviceRun DeviceTraining::run(const PackedSamples& samples, const DeviceBatches& batches) {
  return body_->run(samples, batches);
}
std::vector<DevicePhase> DeviceTraining::time_phases(const PackedSamples& samples,
                                                     const DeviceBatches& batches) {
  return body_->time_phases(samples, batches);
}
DeviceGradients DeviceTraining::gradients(const PackedSamples& samples,
                                          const DeviceBatches& batches) {
  return body_->gradients(samples, batches);
}

}  // namespace explainn::kernels
