// A small network and data for the tests of the model room on a GPU.
#pragma once

#include "model/network.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {

inline Architecture small(std::int64_t num_fc) {
  return {.num_units = 4,
          .filter_size = 6,
          .num_fc = num_fc,
          .pool_size = 5,
          .pool_stride = 5,
          .input_length = 40,
          .num_tasks = 2};
}

inline const data::Dataset& dataset() {
  static const data::Dataset data = test::tiny_dataset(36, 40, 2, 15);
  return data;
}

inline TrainingSettings settings(engine::OptimizerKind kind) {
  const bool sgd = kind == engine::OptimizerKind::sgd;
  return {.criterion = Criterion::bce_with_logits,
          .optimizer = {.kind = kind, .lr = sgd ? 0.01 : 0.003, .momentum = sgd ? 0.5 : 0.0}};
}

}  // namespace explainn::model
