#include "model/model_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

constexpr int kFormatVersion = 1;
constexpr const char* kTracked = ".num_batches_tracked";

// The values of `tensor` as float, whatever floating type the file holds.
std::vector<float> float_values(const data::NamedTensor& tensor, const std::string& origin) {
  if (const auto* floats = std::get_if<std::vector<float>>(&tensor.values)) return *floats;
  if (const auto* doubles = std::get_if<std::vector<double>>(&tensor.values)) {
    return {doubles->begin(), doubles->end()};
  }
  fail_at(origin, 0, "the tensor ", tensor.name, " does not hold floating-point numbers");
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape)
    text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

std::vector<float> checked_values(const data::TensorFile& file, const TensorSpec& spec,
                                  const std::string& origin) {
  const data::NamedTensor* tensor = file.find(spec.name);
  if (tensor == nullptr) fail_at(origin, 0, "the tensor ", spec.name, " is missing");
  if (tensor->shape != spec.shape) {
    fail_at(origin, 0, "the tensor ", spec.name, " has the shape ", shape_text(tensor->shape),
            " where the model needs ", shape_text(spec.shape));
  }
  std::vector<float> values = float_values(*tensor, origin);
  for (const float value : values) {
    if (!std::isfinite(value)) {
      fail_at(origin, 0, "the tensor ", spec.name,
              " holds a number that is not finite; the model is damaged");
    }
    if (spec.role == TensorRole::running_var && value < 0) {
      fail_at(origin, 0, "the tensor ", spec.name,
              " holds a negative variance; the model is damaged");
    }
  }
  return values;
}

std::int64_t tracked_count(const data::TensorFile& file, const std::string& name,
                           const std::string& origin) {
  const data::NamedTensor* tensor = file.find(name);
  if (tensor == nullptr) return 0;  // PyTorch before 0.4.1 did not keep it
  const auto* count = std::get_if<std::vector<std::int64_t>>(&tensor->values);
  if (count == nullptr || count->size() != 1 || count->front() < 0) {
    fail_at(origin, 0, "the tensor ", name, " must be one whole number of 0 or more");
  }
  return count->front();
}

}  // namespace

data::TensorFile model_tensors(const Model& model) {
  data::TensorFile file;
  file.metadata["format"] = "pt";
  file.metadata["explainn_format"] = std::to_string(kFormatVersion);
  file.metadata["explainn"] = to_json(model.config).dump();
  for (std::size_t i = 0; i < model.weights.specs.size(); ++i) {
    const TensorSpec& spec = model.weights.specs[i];
    file.tensors.push_back({spec.name, spec.shape, model.weights.values[i]});
    if (spec.role == TensorRole::running_var) {
      const std::string prefix = spec.name.substr(0, spec.name.rfind('.'));
      file.tensors.push_back(
          {prefix + kTracked, {}, std::vector<std::int64_t>{model.weights.batches_tracked}});
    }
  }
  return file;
}

void write_model(const std::string& path, const Model& model) {
  data::write_safetensors(path, model_tensors(model));
}

Weights weights_from(const data::TensorFile& file, const Architecture& sizes,
                     const std::string& origin) {
  Weights weights{.specs = tensor_specs(sizes), .values = {}};
  std::set<std::string> known;
  for (const TensorSpec& spec : weights.specs) {
    known.insert(spec.name);
    weights.values.push_back(checked_values(file, spec, origin));
  }
  for (const std::string& norm : batch_norm_names(sizes)) {
    const std::string name = norm + kTracked;
    known.insert(name);
    weights.batches_tracked = std::max(weights.batches_tracked, tracked_count(file, name, origin));
  }
  for (const data::NamedTensor& tensor : file.tensors) {
    if (!known.contains(tensor.name)) {
      fail_at(origin, 0, "the tensor ", tensor.name, " does not belong to an ExplaiNN model of ",
              sizes.num_units, " units and num_fc ", sizes.num_fc);
    }
  }
  return weights;
}

Model read_model(const std::string& path) {
  const data::TensorFile file = data::read_safetensors(path);
  const auto description = file.metadata.find("explainn");
  const auto version = file.metadata.find("explainn_format");
  if (description == file.metadata.end() || version == file.metadata.end()) {
    fail_at(path, 0,
            "this is a safetensors file but no explainn model (its metadata lack 'explainn')");
  }
  if (version->second != std::to_string(kFormatVersion)) {
    fail_at(path, 0, "the model's format version is '", version->second,
            "'; this program reads version ", kFormatVersion);
  }
  Model model;
  try {
    model.config = config_from_json(nlohmann::json::parse(description->second));
  } catch (const nlohmann::json::exception&) {
    fail_at(path, 0, "the model's description is no valid JSON; the file is damaged");
  } catch (const Error& error) {
    fail_at(path, 0, error.what());
  }
  model.weights = weights_from(file, model.config.sizes, path);
  return model;
}

}  // namespace explainn::model
