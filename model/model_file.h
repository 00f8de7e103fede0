// model.safetensors: a Config as JSON in the metadata and the tensors under their state_dict names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/safetensors.h"
#include "model/config.h"
#include "model/weights.h"

namespace explainn::model {

struct Model {
  Config config;
  Weights weights;
};

/// Equal models give equal bytes.
data::TensorFile model_tensors(const Model& model);
/// Writes atomically.
void write_model(const std::string& path, const Model& model);
/// Checks every name, shape and value: a tensor that is missing, unknown, of another shape or not
/// finite, or a negative running variance, is an Error that names the file and the tensor.
Model read_model(const std::string& path);
/// The same for tensors that come from elsewhere (`origin` is named in errors); unknown names are
/// an error.
Weights weights_from(const data::TensorFile& file, const Architecture& sizes,
                     const std::string& origin);

/// What `convert` knows beyond the tensors.
struct ConversionOptions {
  std::optional<std::int64_t> input_length{};
  std::int64_t pool_size = 7;
  std::int64_t pool_stride = 7;
  bool rev_complement = false;
  std::optional<Criterion> criterion{};
  std::vector<std::string> targets{};  ///< empty: task0 ..
};

/// A model from the tensors of a PyTorch checkpoint; U, K, H, Q, T and num_fc are inferred from
/// shapes. Without an input length: the smallest that fits, (Q-1) S + P + K - 1. Throws Error
/// naming `origin` if the tensors are not those of an ExplaiNN network or the options contradict
/// them.
Model convert_checkpoint(const data::TensorFile& file, const ConversionOptions& options,
                         const std::string& origin);

}  // namespace explainn::model
