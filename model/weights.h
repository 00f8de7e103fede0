// A model's numbers by the names of the original program's state_dict.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace explainn::model {

enum class TensorRole {
  weight,     ///< of a convolution or linear layer
  bias,       ///< likewise
  idle_bias,  ///< a bias that the following batch norm cancels: its gradient is exactly 0
  gamma,      ///< batch norm scale
  beta,       ///< batch norm shift
  running_mean,
  running_var,
};

struct TensorSpec {
  std::string name;                 ///< e.g. "linears.0.weight"
  std::vector<std::int64_t> shape;  ///< as PyTorch has it
  TensorRole role;
  std::int64_t fan_in = 0;  ///< weights and biases: inputs of one output

  std::int64_t size() const;
  bool trained() const {
    return role != TensorRole::running_mean && role != TensorRole::running_var;
  }
};

/// The tensors of a network, in the order of the state_dict (without `num_batches_tracked`).
std::vector<TensorSpec> tensor_specs(const Architecture& sizes);

/// The prefixes of the batch norms ("linears.1" ..), each of which owns a `num_batches_tracked`.
std::vector<std::string> batch_norm_names(const Architecture& sizes);

/// All numbers of a network, on the host.
struct Weights {
  std::vector<TensorSpec> specs;
  std::vector<std::vector<float>> values;  ///< one a spec, row-major
  std::int64_t batches_tracked = 0;        ///< training steps its batch norms have seen

  /// The values of the tensor `name`. Throws std::out_of_range if there is none.
  const std::vector<float>& at(std::string_view name) const;
};

/// PyTorch's initial values: uniform weights and biases by fan-in, gamma 1, beta 0, running mean 0,
/// running variance 1.
Weights initial_weights(const Architecture& sizes, std::uint64_t seed);

}  // namespace explainn::model
