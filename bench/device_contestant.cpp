#include "bench/device_contestant.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bench/device_samples.h"
#include "kernels/base/philox.h"
#include "model/fused_network.h"
#include "model/unit_blocks.h"

namespace explainn::bench {
namespace {

using kernels::DeviceInference;
using kernels::DeviceTraining;
using kernels::DeviceTrainingState;
using kernels::PackedSamples;
using kernels::ResidentSamples;

void set_weights(const StepCase& problem, DeviceTraining& training) {
  const model::UnitBlocks blocks(problem.sizes, training.layout());
  DeviceTrainingState state = training.state();
  for (std::size_t i = 0; i < blocks.specs().size(); ++i) {
    const std::vector<float>& values = problem.weights.at(blocks.specs()[i].name);
    if (blocks.of_units(i)) {
      const model::UnitBlocks::Field field = blocks.field(i);
      blocks.scatter(field, values,
                     field.trained ? state.parameters.data() : state.statistics.data());
    } else {
      (blocks.of_final(i) == 0 ? state.final_weight : state.final_bias) = values;
    }
  }
  training.set_state(state);
}

// Enough for the checked batch, and on both strands for all batches of a call.
std::int64_t sequences_for(const Options& options) {
  return std::max(options.batch, (options.steps * options.batch + 1) / 2);
}

class OnGpu final : public Contestant {
 public:
  explicit OnGpu(const StepCase& problem)
      : problem_(problem),
        training_(make_device_training(problem)),
        inference_(make_device_inference(problem)),
        samples_(synthetic_samples(problem, sequences_for(problem.options)), true, kGpu) {}

  // The masks of the check are explainn's own.
  double train_step(std::uint32_t step, const std::vector<std::uint8_t>*) override {
    const std::int64_t rows = problem_.options.batch;
    return training_
        .run(samples_.view(), {.order = {}, .begin = 0, .end = rows, .batch = rows, .step = step})
        .loss.mean();
  }

  void train_steps(std::uint32_t step, std::int64_t count) override {
    const kernels::DeviceRun run = training_.run(samples_.view(), batches(step, count));
    if (run.steps != count || !std::isfinite(run.loss.sum)) {
      throw std::runtime_error("a loss is not finite");
    }
  }

  std::vector<float> infer() override {
    std::vector<float> logits(problem_.labels.size());
    inference_.infer(samples_.view(), 0, problem_.options.batch, {.logits = logits.data()});
    return logits;
  }

  nlohmann::ordered_json more() override {
    nlohmann::ordered_json cycles;
    constexpr std::int64_t kMost = 200;
    const std::int64_t count = std::min(problem_.options.steps, kMost);
    for (const auto& phase : training_.time_phases(samples_.view(), batches(0, count))) {
      cycles[phase.name] = phase.cycles;
    }
    return cycles.is_null() ? cycles : nlohmann::ordered_json{{"phase_cycles", cycles}};
  }

 private:
  kernels::DeviceBatches batches(std::uint32_t step, std::int64_t count) const {
    return {.order = {.shuffled = true,
                      .size = static_cast<std::uint64_t>(samples_.view().samples()),
                      .seed = kSeed,
                      .epoch = step},
            .begin = 0,
            .end = count * problem_.options.batch,
            .batch = problem_.options.batch,
            .step = step};
  }

  const StepCase& problem_;
  DeviceTraining training_;
  DeviceInference inference_;
  ResidentSamples samples_;
};

}  // namespace

DeviceTraining make_device_training(const StepCase& problem) {
  DeviceTraining training(model::unit_sizes(problem.sizes), model::layer_outputs(problem.sizes),
                          {.tasks = problem.sizes.num_tasks,
                           .loss = kernels::LossKind::bce_with_logits,
                           .dropout = model::Architecture::kDropout,
                           .seed = kSeed,
                           .first_stream = static_cast<std::uint32_t>(Stream::dropout),
                           .adam = true,
                           .lr = engine::OptimizerSettings{}.lr,
                           .always_tiled = problem.options.network == "tiled"},
                          kGpu);
  set_weights(problem, training);
  return training;
}

DeviceInference make_device_inference(const StepCase& problem) {
  const model::ComposedNetwork<float> composed(problem.sizes, problem.weights, std::nullopt);
  const auto folded = composed.folded();
  return {model::unit_sizes(problem.sizes),
          folded.convolution.w.data(),
          folded.convolution.bias.data(),
          model::folded_layers(problem.sizes, folded),
          {.tasks = problem.sizes.num_tasks,
           .weight = problem.weights.at("final.weight").data(),
           .bias = problem.weights.at("final.bias").data()},
          kGpu};
}

std::unique_ptr<Contestant> device_contestant(const StepCase& problem) {
  return std::make_unique<OnGpu>(problem);
}

}  // namespace explainn::bench
