// explainn's fused pass on a GPU: training through DeviceTraining, inference through
// DeviceInference.
#pragma once

#include <memory>

#include "bench/step_harness.h"
#include "kernels/unit_pass/device_inference.h"
#include "kernels/unit_pass/device_training.h"

namespace explainn::bench {

inline constexpr Device kGpu{.kind = DeviceKind::cuda, .index = 0};

/// With the problem's weights, Adam and binary cross-entropy. Throws UsageError without a GPU.
kernels::DeviceTraining make_device_training(const StepCase& problem);
/// With the problem's weights, batch norms folded.
kernels::DeviceInference make_device_inference(const StepCase& problem);

/// The checked steps are made on the problem's own batch; the timed ones on shuffled samples of
/// both strands, all in the GPU's memory, `options.steps` batches in one call.
std::unique_ptr<Contestant> device_contestant(const StepCase& problem);

}  // namespace explainn::bench
