// The loops of motif comparison, as models see them.
#pragma once

#include "kernels/motif_comparison/loops.h"

namespace explainn::engine {

using kernels::BoundsParams;
using kernels::comparison_loops;
using kernels::ComparisonLoops;
using kernels::CountsBelow;
using kernels::DiagonalParams;
using kernels::DistanceParams;
using kernels::kConvolutionMargin;
using kernels::kMostColumnScore;
using kernels::kScoreBlock;
using kernels::kTwisterWords;

}  // namespace explainn::engine
