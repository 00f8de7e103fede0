// The network in evaluation mode on a GPU, as models see it.
#pragma once

#include "kernels/unit_pass/device_inference.h"

namespace explainn::engine {

using kernels::DeviceInference;
using kernels::DeviceOutputs;
using kernels::DeviceSites;
using kernels::FinalLayer;

}  // namespace explainn::engine
