// The fused unit pass in evaluation mode, as models see it.
#pragma once

#include "kernels/unit_pass/inference.h"

namespace explainn::engine {

using kernels::FoldedUnitLayer;
using kernels::UnitInference;
using kernels::UnitSizes;

}  // namespace explainn::engine
