// The fused unit pass in training mode, as models see it.
#pragma once

#include "kernels/unit_pass/training.h"

namespace explainn::engine {

using kernels::HiddenPath;
using kernels::UnitLayer;
using kernels::UnitLayout;
using kernels::UnitTraining;
using kernels::UnitTrainingSettings;

}  // namespace explainn::engine
