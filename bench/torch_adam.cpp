#include "bench/torch_adam.h"

#include <torch/version.h>

#include <cmath>

namespace explainn::bench {
namespace {

constexpr double kLr = 0.003;
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEps = 1e-8;

}  // namespace

Adam::Adam(std::vector<torch::Tensor> parameters) : parameters_(std::move(parameters)) {
  for (const torch::Tensor& parameter : parameters_) {
    first_.push_back(torch::zeros_like(parameter));
    second_.push_back(torch::zeros_like(parameter));
    steps_.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
  }
}

void Adam::step(std::vector<torch::Tensor> gradients) {
  const torch::NoGradGuard guard;
  at::_foreach_add_(steps_, 1);
#if TORCH_VERSION_MAJOR >= 2
  // The fused kernel walks raw memory: a gradient must lie as its parameter does.
  for (torch::Tensor& gradient : gradients) gradient = gradient.contiguous();
  at::_fused_adam_(parameters_, gradients, first_, second_, {}, steps_, kLr, kBeta1, kBeta2, 0,
                   kEps, false, false);
#else
  const double t = steps_.front().item<double>();
  const double root = std::sqrt(1 - std::pow(kBeta2, t));
  at::_foreach_mul_(first_, kBeta1);
  at::_foreach_add_(first_, gradients, 1 - kBeta1);
  at::_foreach_mul_(second_, kBeta2);
  at::_foreach_addcmul_(second_, gradients, gradients, 1 - kBeta2);
  std::vector<torch::Tensor> divisor = at::_foreach_sqrt(second_);
  at::_foreach_add_(divisor, kEps * root);
  at::_foreach_addcdiv_(parameters_, first_, divisor, -kLr * root / (1 - std::pow(kBeta1, t)));
#endif
}

torch::Tensor random_mask(const torch::Tensor& like, std::uint32_t step) {
  // "lowbias32" by C. Wellons, one 32-bit hash for two decisions.
  static torch::Tensor counter;
  const std::int64_t words = (like.numel() + 1) / 2;
  if (!counter.defined() || counter.numel() != words) {
    counter = torch::arange(words, torch::kInt32);
  }
  torch::Tensor z = counter + static_cast<std::int32_t>(step * 0x9E3779B9U);
  z.bitwise_xor_(z.bitwise_right_shift(16)).mul_(0x21f0aaad);
  z.bitwise_xor_(z.bitwise_right_shift(15)).mul_(0x735a2d97);
  z.bitwise_xor_(z.bitwise_right_shift(15));
  torch::Tensor mask = torch::empty(like.sizes());
  const torch::Tensor halves = z.view(torch::kInt16).narrow(0, 0, like.numel());
  at::gt_out(mask, halves.view(like.sizes()), -32768 + 19661 - 1);
  return mask;
}

}  // namespace explainn::bench
