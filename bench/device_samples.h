// Samples of random bases and labels for training on a GPU.
#pragma once

#include "bench/step_case.h"
#include "kernels/unit_pass/resident_samples.h"

namespace explainn::bench {

/// `sequences` of the problem's length with labels 0 and 1; the first ones are the problem's own
/// batch. Requires sequences >= B.
kernels::HostSamples synthetic_samples(const StepCase& problem, std::int64_t sequences);

}  // namespace explainn::bench
