// The golden files of whole networks (tests/golden/network): PyTorch in double precision.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/safetensors.h"
#include "model/network.h"

namespace explainn::model::test {

using Numbers = std::vector<double>;

class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(
            data::read_safetensors(EXPLAINN_TEST_FILES "/golden/network/" + name + ".safetensors")),
        json_(nlohmann::json::parse(file_.metadata.at("config"))) {}

  const nlohmann::json& json() const { return json_; }
  bool has(const std::string& name) const { return file_.find(name) != nullptr; }

  Numbers numbers(const std::string& name) const {
    return std::get<Numbers>(file_.find(name)->values);
  }
  double number(const std::string& name) const { return numbers(name).at(0); }
  std::vector<float> floats(const std::string& name) const {
    const Numbers values = numbers(name);
    return {values.begin(), values.end()};
  }
  const std::vector<data::Base>& bases(const std::string& name) const {
    return std::get<std::vector<data::Base>>(file_.find(name)->values);
  }
  const std::vector<std::int64_t>& integers(const std::string& name) const {
    return std::get<std::vector<std::int64_t>>(file_.find(name)->values);
  }

  Architecture sizes() const {
    return {.num_units = json_.at("num_units"),
            .filter_size = json_.at("filter_size"),
            .num_fc = json_.at("num_fc"),
            .pool_size = json_.at("pool_size"),
            .pool_stride = json_.at("pool_stride"),
            .input_length = json_.at("input_length"),
            .num_tasks = json_.at("num_tasks")};
  }

  Weights weights(const std::string& prefix) const {
    Weights weights{.specs = tensor_specs(sizes()), .values = {}};
    for (const TensorSpec& spec : weights.specs)
      weights.values.push_back(floats(prefix + spec.name));
    return weights;
  }

  TrainingSettings settings(engine::OptimizerSettings optimizer = {}) const {
    return {.criterion = Criterion::bce_with_logits,
            .optimizer = optimizer,
            .seed = json_.at("seed").get<std::uint64_t>()};
  }

 private:
  data::TensorFile file_;
  nlohmann::json json_;
};

inline double norm(const Numbers& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

template <typename Values>
double distance(const Values& values, const Numbers& expected) {
  EXPECT_EQ(values.size(), expected.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), expected.size()); ++i) {
    const double difference = static_cast<double>(values[i]) - expected[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

inline TrainingBatch whole_batch(const Golden& golden, const std::vector<float>& labels) {
  return {
      .sequences = {golden.bases("codes").data(), golden.json().at("batch").get<std::int64_t>()},
      .labels = labels.data(),
      .step = golden.json().at("step").get<std::uint32_t>()};
}

// Gradients that nearly cancel: the first batch norm's, whose scale the next batch norm takes away,
// and with a single pooled window the first linear map's. A path that stores float intermediates
// cannot come near them relatively (PyTorch's float run is up to 14 times outside the rule); in
// float they are judged absolutely, against the largest gradient of the step. In double the rule
// holds for them too.
inline bool cancels(const Golden& golden, const std::string& name) {
  return name.starts_with("linears.1.") ||
         (golden.sizes().pooled() == 1 && name == "linears.6.weight");
}

struct PathErrors {
  double loss = 0;     // largest relative difference of a loss
  double weights = 0;  // |w - w64| / |w64| over all trained tensors together
};

/// Trains `net` along the golden path `kind`; values_of(name) gives a tensor's numbers.
template <typename Net, typename ValuesOf>
PathErrors run_path(const Golden& golden, const std::string& kind, Net& net,
                    const ValuesOf& values_of) {
  const std::int64_t rows = golden.json().at("batch");
  const std::int64_t length = golden.sizes().input_length;
  const std::int64_t tasks = golden.sizes().num_tasks;
  const auto& pool = golden.bases("path.codes");
  const std::vector<float> pool_labels = golden.floats("path.labels");
  const auto& index = golden.integers("path.index");
  const Numbers losses = golden.numbers("path." + kind + ".loss");

  PathErrors errors;
  std::vector<data::Base> bases(static_cast<std::size_t>(rows * length));
  std::vector<float> labels(static_cast<std::size_t>(rows * tasks));
  for (std::size_t step = 0; step < losses.size(); ++step) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t sample =
          index[step * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)];
      std::copy_n(pool.begin() + sample * length, length, bases.begin() + row * length);
      std::copy_n(pool_labels.begin() + sample * tasks, tasks, labels.begin() + row * tasks);
    }
    const engine::LossSum loss = net.train_step({.sequences = {bases.data(), rows},
                                                 .labels = labels.data(),
                                                 .step = static_cast<std::uint32_t>(step)});
    errors.loss = std::max(errors.loss, std::abs(loss.mean() - losses[step]) / losses[step]);
  }
  double squares = 0;
  double total = 0;
  for (const TensorSpec& spec : tensor_specs(golden.sizes())) {
    if (!spec.trained()) continue;
    const Numbers expected = golden.numbers("path." + kind + ".final." + spec.name);
    squares += std::pow(distance(values_of(spec.name), expected), 2);
    total += std::pow(norm(expected), 2);
  }
  errors.weights = std::sqrt(squares / total);
  return errors;
}

inline std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(EXPLAINN_TEST_FILES "/golden/network")) {
    const std::string name = entry.path().stem();
    if (entry.path().extension() == ".safetensors" && name.starts_with("fc")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace explainn::model::test
