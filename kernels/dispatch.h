// Where an op's dispatcher asks which of its two bodies runs.
#pragma once

#include "kernels/device.h"

namespace explainn::kernels {

/// Whether `device` is a GPU, which is then the one in use. Throws UsageError where there is no
/// such GPU or this build has no CUDA.
bool on_gpu(Device device);

}  // namespace explainn::kernels
