// Device code: one number's step of the optimiser (optimizer.h gives the formulas).
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

/// Numerator and denominator of Adam's step times the correction: one division less.
EXPLAINN_HOST_DEVICE inline void adam_number(const AdamRates& rates, float g, float& m, float& v,
                                             float& w) {
  m = rates.beta1 * m + rates.rest1 * g;
  v = rates.beta2 * v + rates.rest2 * g * g;
  w -= rates.rate * m / (sqrtf(v) + rates.eps);
}

EXPLAINN_HOST_DEVICE inline void sgd_number(float lr, float momentum, bool first, float g,
                                            float* velocity, float& w) {
  if (velocity != nullptr) {
    g = first ? g : momentum * *velocity + g;
    *velocity = g;
  }
  w -= lr * g;
}

/// Takes gradients of numbers and makes the optimiser's step with them, or keeps them.
struct Applied {
  TrainedNumbers numbers;
  bool adam, keep, first;
  float lr, momentum;
  AdamRates rates;

  /// Numbers from `offset` on.
  EXPLAINN_HOST_DEVICE static Applied to(const Step& step, const TrainedNumbers& all,
                                         std::int64_t offset) {
    const auto from = [offset](float* p) { return p == nullptr ? nullptr : p + offset; };
    const std::int64_t number = step.memory.status->optimizer_step;
    return {{from(all.values), from(all.first), from(all.second), from(all.gradients)},
            step.adam,
            step.gradients_only,
            number == 1,
            static_cast<float>(step.lr),
            static_cast<float>(step.momentum),
            step.adam && !step.gradients_only ? AdamRates::of(step.lr, number) : AdamRates{}};
  }
  EXPLAINN_HOST_DEVICE void operator()(std::int64_t i, float gradient) const {
    if (keep) {
      numbers.gradients[i] = gradient;
    } else if (adam) {
      adam_number(rates, gradient, numbers.first[i], numbers.second[i], numbers.values[i]);
    } else {
      sgd_number(lr, momentum, first, gradient,
                 numbers.first == nullptr ? nullptr : numbers.first + i, numbers.values[i]);
    }
  }
};

}  // namespace explainn::kernels
