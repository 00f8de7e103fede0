// What a step of the optimiser needs beside the numbers (optimizer.h gives the formulas).
#pragma once

#include <cmath>

#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

/// What Adam needs in float, computed in double once a step.
struct AdamRates {
  float beta1, beta2, rest1, rest2;
  float rate;  ///< lr sqrt(1 - beta2^step) / (1 - beta1^step)
  float eps;   ///< eps sqrt(1 - beta2^step)

  EXPLAINN_HOST_DEVICE static AdamRates of(double lr, std::int64_t optimizer_step) {
    const AdamParams p{.lr = lr, .step = optimizer_step};
    const auto step = static_cast<double>(optimizer_step);
    const double correction = std::sqrt(1 - std::pow(p.beta2, step));
    return {static_cast<float>(p.beta1),
            static_cast<float>(p.beta2),
            static_cast<float>(1 - p.beta1),
            static_cast<float>(1 - p.beta2),
            static_cast<float>(p.lr / (1 - std::pow(p.beta1, step)) * correction),
            static_cast<float>(p.eps * correction)};
  }
};

}  // namespace explainn::kernels
