// Device code: one number's step of the optimiser (optimizer.h gives the formulas).
#pragma once

#include "kernels/cuda/device_code.h"
#include "kernels/unit_pass/device_optimizer.h"

namespace explainn::kernels {

/// Numerator and denominator of Adam's step times the correction: one division less. Root and
/// quotient by the fast instructions, within three units in the last place: their exact forms
/// branch, and keep a thread from working at several numbers at once.
__device__ inline void adam_number(const AdamRates& rates, float g, float& m, float& v, float& w) {
  m = rates.beta1 * m + rates.rest1 * g;
  v = rates.beta2 * v + rates.rest2 * g * g;
  const float root = v > 0 ? v * rsqrtf(v) : 0.0F;
  w -= __fdividef(rates.rate * m, root + rates.eps);
}

__device__ inline void sgd_number(float lr, float momentum, bool first, float g, float* velocity,
                                  float& w) {
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
  __device__ static Applied to(const Step& step, const TrainedNumbers& all, std::int64_t offset) {
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
  __device__ void operator()(std::int64_t i, float gradient) const {
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
