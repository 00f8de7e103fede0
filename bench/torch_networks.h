// ExplaiNN (two hidden layers a unit) written with LibTorch in the ways that bench/README.md
// describes.
#pragma once

#include <torch/torch.h>

#include <array>
#include <memory>

#include "bench/step_harness.h"

namespace explainn::bench {

inline constexpr double kEps = 1e-5;      ///< of the batch norms
inline constexpr double kMomentum = 0.1;  ///< likewise
inline constexpr double kKeep = 1 - model::Architecture::kDropout;
inline constexpr std::int64_t kHidden = model::Architecture::kHidden;
/// The layers of a unit with the batch norms behind them, by their state_dict names.
inline const std::array<std::string, 3> kLayers = {"linears.0", "linears.6", "linears.10"};
inline const std::array<std::string, 3> kNorms = {"linears.1", "linears.7", "linears.11"};

/// The published network: the input repeated once a unit, grouped convolutions, torch::optim::Adam
/// (on a GPU the fused one).
std::unique_ptr<Contestant> original_network(const StepCase& problem);
/// One dense convolution on the shared input, pooling before exp, batched products, autograd.
std::unique_ptr<Contestant> best_network(const StepCase& problem);
/// The same made of fewer operations, for a GPU: batch norms by the library everywhere.
std::unique_ptr<Contestant> best_native_network(const StepCase& problem);
/// The same with this program's ideas: table convolution, backward pass written by hand. CPU only.
std::unique_ptr<Contestant> by_hand_network(const StepCase& problem);

inline torch::Device device_of(const StepCase& problem) {
  return problem.options.gpu ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU);
}

// Everything below lies where the problem's networks compute.

/// A copy of the tensor `name` in the shape that PyTorch gives it.
inline torch::Tensor weight(const StepCase& problem, const std::string& name) {
  for (std::size_t i = 0; i < problem.weights.specs.size(); ++i) {
    if (problem.weights.specs[i].name != name) continue;
    const std::vector<float>& values = problem.weights.values[i];
    return torch::from_blob(const_cast<float*>(values.data()), problem.weights.specs[i].shape)
        .to(device_of(problem), torch::kFloat, false, true);
  }
  throw std::out_of_range(name);
}

/// The whole batch, [B, L, 4].
inline torch::Tensor one_hot(const StepCase& problem) {
  const torch::Tensor bases =
      torch::from_blob(const_cast<data::Base*>(problem.bases.data()),
                       {problem.options.batch, problem.options.length}, torch::kUInt8);
  return torch::one_hot(bases.to(torch::kInt64), 4).to(device_of(problem), torch::kFloat);
}

/// [B, T]
inline torch::Tensor labels(const StepCase& problem) {
  return torch::from_blob(const_cast<float*>(problem.labels.data()),
                          {problem.options.batch, problem.options.tasks})
      .to(device_of(problem), torch::kFloat, false, true);
}

/// [B, U, H], 0 or 1.
inline torch::Tensor mask_tensor(const StepCase& problem, const std::vector<std::uint8_t>& kept) {
  return torch::from_blob(
             const_cast<std::uint8_t*>(kept.data()),
             {problem.options.batch, problem.options.units, model::Architecture::kHidden},
             torch::kUInt8)
      .to(device_of(problem), torch::kFloat);
}

/// Waits for them.
inline std::vector<float> host_values(const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.cpu().contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

}  // namespace explainn::bench
