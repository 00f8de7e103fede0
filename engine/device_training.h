// Whole training steps on a GPU, as models see them.
#pragma once

#include "kernels/unit_pass/device_training.h"
#include "kernels/unit_pass/resident_samples.h"

namespace explainn::engine {

using kernels::DeviceBatches;
using kernels::DeviceRun;
using kernels::DeviceTraining;
using kernels::DeviceTrainingSettings;
using kernels::DeviceTrainingState;
using kernels::HostSamples;
using kernels::ResidentSamples;
using kernels::SampleOrder;

}  // namespace explainn::engine
