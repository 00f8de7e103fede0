// Packed samples in a GPU's memory, as models see them.
#pragma once

#include "kernels/device_choice.h"
#include "kernels/unit_pass/resident_samples.h"
#include "kernels/unit_pass/streamed_samples.h"

namespace explainn::engine {

using kernels::HostSamples;
using kernels::PackedSamples;
using kernels::ResidentSamples;
using kernels::SampleChunk;
using kernels::SampleOrder;
using kernels::SampleWalk;
using kernels::StreamedSamples;

}  // namespace explainn::engine
