#include "model/interpret/effects.h"

#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::model {

EffectSums::EffectSums(std::int64_t units, std::int64_t tasks)
    : units_(static_cast<std::size_t>(units)),
      tasks_(static_cast<std::size_t>(tasks)),
      labels_(tasks_),
      outputs_(units_ * tasks_) {}

void EffectSums::add(std::span<const float> unit_outputs, std::span<const float> labels) {
  const std::size_t rows = units_ == 0 ? 0 : unit_outputs.size() / units_;
  require(unit_outputs.size() == rows * units_ && labels.size() == rows * tasks_, "effects",
          unit_outputs.size(), " outputs of ", units_, " units, ", labels.size(), " labels of ",
          tasks_, " tasks");
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t t = 0; t < tasks_; ++t) {
      const double label = labels[row * tasks_ + t];
      if (std::isnan(label)) continue;
      labels_[t].count += 1;
      labels_[t].sum += label;
      labels_[t].squares += label * label;
    }
  }
  parallel_for(static_cast<std::int64_t>(units_), [&](std::int64_t unit) {
    const auto u = static_cast<std::size_t>(unit);
    for (std::size_t row = 0; row < rows; ++row) {
      const double output = unit_outputs[row * units_ + u];
      for (std::size_t t = 0; t < tasks_; ++t) {
        const double label = labels[row * tasks_ + t];
        if (std::isnan(label)) continue;
        outputs_[u * tasks_ + t].sum += output;
        outputs_[u * tasks_ + t].products += output * label;
      }
    }
  });
}

std::vector<double> EffectSums::effects(std::span<const float> final_weight) const {
  require(final_weight.size() == units_ * tasks_, "effects", final_weight.size(), " weights of ",
          units_, " units and ", tasks_, " tasks");
  std::vector<double> slopes(outputs_.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t t = 0; t < tasks_; ++t) {
    const Labels& y = labels_[t];
    const double spread = y.squares - y.sum * y.sum / y.count;  // NaN without a label
    if (!(spread > 1e-12 * y.squares)) continue;
    for (std::size_t u = 0; u < units_; ++u) {
      const Outputs& o = outputs_[u * tasks_ + t];
      const double weight = final_weight[t * units_ + u];
      slopes[u * tasks_ + t] = weight * (o.products - o.sum * y.sum / y.count) / spread + 0.0;
    }
  }
  return slopes;
}

}  // namespace explainn::model
