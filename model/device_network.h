// The network of the product on a GPU.
#pragma once

#include <memory>
#include <optional>

#include "model/network.h"

namespace explainn::model {

/// Without `settings` for inference only. Throws UsageError where there is no such GPU or this
/// build has no CUDA.
std::unique_ptr<Network> make_device_network(const Architecture& sizes, const Weights& weights,
                                             const std::optional<TrainingSettings>& settings,
                                             Device device, const DeviceOptions& options = {});

}  // namespace explainn::model
