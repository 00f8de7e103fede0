// The losses of a training run as a picture.
#pragma once

#include <span>
#include <string>

#include "model/trainer.h"

namespace explainn::model {

/// A self-contained SVG: train and validation loss by epoch, the best epoch (the first with the
/// smallest validation loss) marked. Losses that are not finite leave a gap.
std::string learning_curve_svg(std::span<const EpochResult> epochs);

}  // namespace explainn::model
