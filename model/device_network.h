// A network that is trained on a GPU: many batches at a time, the data in the GPU's memory.
#pragma once

#include <memory>

#include "model/network.h"

namespace explainn::model {

/// Throws UsageError where there is no such GPU or this build has no CUDA.
std::unique_ptr<Network> make_device_network(const Architecture& sizes, const Weights& weights,
                                             const TrainingSettings& settings, Device device);

}  // namespace explainn::model
