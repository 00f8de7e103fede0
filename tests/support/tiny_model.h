// Small untrained models whose batch norms do something, for tests of the model room.
#pragma once

#include <cstdint>
#include <string>

#include "model/model_file.h"
#include "tests/support/tiny_data.h"

namespace explainn::test {

inline float random_between(std::uint64_t seed, std::uint64_t i, double least, double most) {
  return static_cast<float>(least + (most - least) * unit_interval(random_word(seed, i)));
}

/// PyTorch's initial weights, and batch norms as training may leave them.
inline model::Model tiny_model(const model::Architecture& sizes, model::Criterion criterion,
                               bool rev_complement, std::uint64_t seed = 3) {
  model::Model model;
  model.config.sizes = sizes;
  model.config.criterion = criterion;
  model.config.rev_complement = rev_complement;
  for (std::int64_t t = 0; t < sizes.num_tasks; ++t) {
    model.config.targets.push_back("task" + std::to_string(t));
  }
  model.weights = model::initial_weights(sizes, seed);
  std::uint64_t drawn = 0;
  const auto fill = [&](std::vector<float>& values, double least, double most) {
    for (float& value : values) value = random_between(seed + 1, drawn++, least, most);
  };
  for (std::size_t i = 0; i < model.weights.specs.size(); ++i) {
    std::vector<float>& values = model.weights.values[i];
    switch (model.weights.specs[i].role) {
      case model::TensorRole::gamma:
        fill(values, 0.5, 2);
        break;
      case model::TensorRole::beta:
      case model::TensorRole::running_mean:
        fill(values, -0.5, 0.5);
        break;
      case model::TensorRole::running_var:
        fill(values, 0.1, 1);
        break;
      default:
        break;
    }
  }
  return model;
}

}  // namespace explainn::test
