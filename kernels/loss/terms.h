// The losses of one entry, each with its derivative next to it.
#pragma once

#include <cmath>

#include "kernels/base/host_device.h"

namespace explainn::kernels {

/// One entry's loss and derivative with respect to the output.
struct LossTerm {
  double loss;
  double slope;
};

struct BceTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    const double small = std::exp(-std::abs(x));
    const double probability = x >= 0 ? 1 / (1 + small) : small / (1 + small);
    return {(x > 0 ? x : 0.0) - x * y + std::log1p(small), probability - y};
  }
};

struct MseTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    return {(x - y) * (x - y), 2 * (x - y)};
  }
};

struct PoissonTerm {
  EXPLAINN_HOST_DEVICE static LossTerm of(double x, double y) {
    const double rate = std::exp(x);
    return {rate - x * y, rate - y};
  }
};

/// Norms of a row below this count as this in the pearson loss.
inline constexpr double kLeastNorm = 1e-6;

}  // namespace explainn::kernels
