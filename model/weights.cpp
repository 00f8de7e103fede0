#include "model/weights.h"

#include <algorithm>
#include <stdexcept>

#include "engine/initialise.h"
#include "kernels/base/error.h"

namespace explainn::model {
namespace {

// Collects the tensors of a network layer by layer.
class SpecList {
 public:
  // `idle`: a batch norm follows, which takes any constant away again.
  void layer(const std::string& prefix, std::vector<std::int64_t> shape, bool idle) {
    const std::int64_t outputs = shape.front();
    std::int64_t fan_in = 1;
    for (std::size_t axis = 1; axis < shape.size(); ++axis) fan_in *= shape[axis];
    specs_.push_back({prefix + ".weight", std::move(shape), TensorRole::weight, fan_in});
    specs_.push_back(
        {prefix + ".bias", {outputs}, idle ? TensorRole::idle_bias : TensorRole::bias, fan_in});
  }

  void batch_norm(const std::string& prefix, std::int64_t channels) {
    specs_.push_back({prefix + ".weight", {channels}, TensorRole::gamma});
    specs_.push_back({prefix + ".bias", {channels}, TensorRole::beta});
    specs_.push_back({prefix + ".running_mean", {channels}, TensorRole::running_mean});
    specs_.push_back({prefix + ".running_var", {channels}, TensorRole::running_var});
  }

  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  std::vector<TensorSpec> specs_;
};

}  // namespace

std::int64_t TensorSpec::size() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product *= extent;
  return product;
}

std::vector<TensorSpec> tensor_specs(const Architecture& a) {
  const std::int64_t units = a.num_units;
  const std::int64_t hidden = units * Architecture::kHidden;
  SpecList list;
  list.layer("linears.0", {units, 4, a.filter_size}, true);
  list.batch_norm("linears.1", units);
  if (a.num_fc == 1) {
    list.layer("linears.6", {units, a.pooled(), 1}, true);
    list.batch_norm("linears.7", units);
  } else if (a.num_fc >= 2) {
    list.layer("linears.6", {hidden, a.pooled(), 1}, true);
    list.batch_norm("linears.7", hidden);
    for (std::int64_t i = 0; i < a.num_fc - 2; ++i) {
      const std::string prefix = "linears_bg." + std::to_string(i);
      list.layer(prefix + ".1", {hidden, Architecture::kHidden, 1}, true);
      list.batch_norm(prefix + ".2", hidden);
    }
    const bool two = a.num_fc == 2;
    list.layer(two ? "linears.10" : "last_linear.1", {units, Architecture::kHidden, 1}, true);
    list.batch_norm(two ? "linears.11" : "last_linear.2", units);
  }
  list.layer("final", {a.num_tasks, units}, false);
  return list.take();
}

std::vector<std::string> batch_norm_names(const Architecture& sizes) {
  const std::string suffix = ".running_mean";
  std::vector<std::string> names;
  for (const TensorSpec& spec : tensor_specs(sizes)) {
    if (spec.role == TensorRole::running_mean) {
      names.push_back(spec.name.substr(0, spec.name.size() - suffix.size()));
    }
  }
  return names;
}

const std::vector<float>& Weights::at(std::string_view name) const {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return values[i];
  }
  throw std::out_of_range(cat("no tensor is named ", name));
}

Weights initial_weights(const Architecture& sizes, std::uint64_t seed) {
  Weights weights{.specs = tensor_specs(sizes), .values = {}};
  for (std::size_t i = 0; i < weights.specs.size(); ++i) {
    const TensorSpec& spec = weights.specs[i];
    std::vector<float> values(static_cast<std::size_t>(spec.size()), 0.0F);
    if (spec.role == TensorRole::gamma || spec.role == TensorRole::running_var) {
      std::fill(values.begin(), values.end(), 1.0F);
    } else if (spec.fan_in > 0) {
      engine::fill_uniform_fan_in(std::span<float>(values), spec.fan_in, seed,
                                  static_cast<std::uint32_t>(i));
    }
    weights.values.push_back(std::move(values));
  }
  return weights;
}

}  // namespace explainn::model
