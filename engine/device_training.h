// Whole training steps on a GPU, as models see them.
#pragma once

#include "kernels/unit_pass/device_training.h"

namespace explainn::engine {

using kernels::DeviceBatches;
using kernels::DeviceRun;
using kernels::DeviceTraining;
using kernels::DeviceTrainingSettings;
using kernels::DeviceTrainingState;

}  // namespace explainn::engine
