#include "model/network.h"

#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "kernels/base/permutation.h"
#include "model/composed_network.h"
#include "model/device_network.h"
#include "model/fused_network.h"
#include "model/samples.h"

namespace explainn::model {
namespace {

std::unique_ptr<Network> network(const Architecture& sizes, const Weights& weights,
                                 const std::optional<TrainingSettings>& settings,
                                 Computation computation, Device device,
                                 const DeviceOptions& on_device) {
  if (computation == Computation::composed) {
    return std::make_unique<ComposedNetwork<float>>(sizes, weights, settings, device);
  }
  if (device.kind == DeviceKind::cuda) {
    return make_device_network(sizes, weights, settings, device, on_device);
  }
  return std::make_unique<FusedNetwork>(sizes, weights, settings);
}

}  // namespace

BatchesDone Network::train_batches(const EpochBatches& batches) {
  const Permutation order(static_cast<std::uint64_t>(batches.samples.size()), batches.seed,
                          batches.epoch);
  BatchBuffer buffer;
  BatchesDone done{.loss = batches.before, .batches = 0};
  for (; done.batches < batches.count && std::isfinite(done.loss.sum); ++done.batches) {
    const std::int64_t begin = batches.plan.begin(batches.first + done.batches);
    const std::int64_t end = batches.plan.end(batches.first + done.batches);
    buffer.fill(batches.samples, end - begin, [&](std::int64_t i) {
      return static_cast<std::int64_t>(order(static_cast<std::uint64_t>(begin + i)));
    });
    done.loss += train_step({.sequences = buffer.sequences(),
                             .labels = buffer.labels().data(),
                             .step = batches.step + static_cast<std::uint32_t>(done.batches)});
  }
  return done;
}

engine::LossSum Network::evaluation_loss(const SampleSet& samples, Criterion criterion) {
  BatchBuffer buffer;
  engine::LossSum total;
  engine::Tape<float> tape(engine::Tape<float>::Mode::off);
  for (std::int64_t begin = 0; begin < samples.size(); begin += rows_at_once()) {
    const std::int64_t count = std::min(rows_at_once(), samples.size() - begin);
    buffer.fill(samples, count, [&](std::int64_t i) { return begin + i; });
    engine::Tensor<float> logits({count, sizes().num_tasks});
    infer(buffer.sequences(), {.logits = logits.data()});
    const auto labels =
        engine::Tensor<float>::from(buffer.labels(), {count, samples.label_columns()});
    total += engine::loss(tape, logits, labels, criterion).total;
  }
  return total;
}

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      const TrainingSettings& settings, Computation computation,
                                      Device device, const DeviceOptions& on_device) {
  return network(sizes, weights, settings, computation, device, on_device);
}

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      Computation computation, Device device) {
  return network(sizes, weights, std::nullopt, computation, device, {});
}

}  // namespace explainn::model
