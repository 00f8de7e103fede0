// Adam with PyTorch's defaults and lr 0.003, by the fastest way this LibTorch has.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace explainn::bench {

class Adam {
 public:
  explicit Adam(std::vector<torch::Tensor> parameters);
  /// One step in place; the gradients in the order of the parameters.
  void step(std::vector<torch::Tensor> gradients);

 private:
  std::vector<torch::Tensor> parameters_, first_, second_, steps_;
};

/// 1 with probability 0.7, else 0, in the shape of `like`: 16 bits a decision from a hash of
/// (element, step). at::dropout takes twenty times as long.
torch::Tensor random_mask(const torch::Tensor& like, std::uint32_t step);

}  // namespace explainn::bench
