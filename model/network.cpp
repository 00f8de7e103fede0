#include "model/network.h"

#include "model/composed_network.h"
#include "model/fused_network.h"

namespace explainn::model {
namespace {

std::unique_ptr<Network> network(const Architecture& sizes, const Weights& weights,
                                 const std::optional<TrainingSettings>& settings,
                                 Computation computation) {
  if (computation == Computation::composed) {
    return std::make_unique<ComposedNetwork<float>>(sizes, weights, settings);
  }
  return std::make_unique<FusedNetwork>(sizes, weights, settings);
}

}  // namespace

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      const TrainingSettings& settings, Computation computation) {
  return network(sizes, weights, settings, computation);
}

std::unique_ptr<Network> make_network(const Architecture& sizes, const Weights& weights,
                                      Computation computation) {
  return network(sizes, weights, std::nullopt, computation);
}

}  // namespace explainn::model
