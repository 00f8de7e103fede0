#include "model/network.h"

#include <cmath>

#include "kernels/base/permutation.h"
#include "model/composed_network.h"
#include "model/device_network.h"
#include "model/fused_network.h"
#include "model/samples.h"

namespace explainn::model {
namespace {

std::unique_ptr<Network> network(const Architecture& sizes, const Weights& weights,
                                 const std::optional<TrainingSettings>& settings,
                                 Computation computation, Device device) {
  const bool gpu = device.kind == DeviceKind::cuda;
  // On a GPU inference is the composition of the engine's operations.
  if (computation == Computation::composed || (gpu && !settings)) {
    return std::make_unique<ComposedNetwork<float>>(sizes, weights, settings, device);
  }
  if (gpu) return make_device_network(sizes, weights, *settings, device);
  return std::make_unique<FusedNetwork>(sizes, weights, settings);
}

}  // namespace

BatchesDone Network::train_batches(const EpochBatches& batches) {
  const Permutation order(static_cast<std::uint64_t>(batches.samples.size()), batches.seed,
                          batches.epoch);
  BatchBuffer buffer;
  BatchesDone done{};
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

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      const TrainingSettings& settings, Computation computation,
                                      Device device) {
  return network(sizes, weights, settings, computation, device);
}

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      Computation computation, Device device) {
  return network(sizes, weights, std::nullopt, computation, device);
}

}  // namespace explainn::model
