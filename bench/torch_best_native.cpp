// For a GPU, where a small operation costs its launch: as few operations as LibTorch's vocabulary
// allows, in layouts that need no copies.
#include "bench/torch_adam.h"
#include "bench/torch_networks.h"
#include "bench/torch_twin.h"

namespace explainn::bench {
namespace {

using torch::Tensor;

class BestNative final : public Twin {
 public:
  explicit BestNative(const StepCase& problem)
      : Twin(problem),
        a_(problem.sizes),
        x_(one_hot(problem).transpose(1, 2).contiguous()),
        y_(labels(problem)) {
    load();
    optimizer_ = std::make_unique<Adam>(parameters_);
  }

 private:
  Tensor step(const Tensor& mask, std::uint32_t number) override;
  Tensor logits() override;
  void load();
  Tensor parameter(const std::string& name, at::IntArrayRef shape) {
    parameters_.push_back(weight(problem(), name).view(shape).contiguous().requires_grad_());
    return parameters_.back();
  }
  // The batch norm behind layer i, in training.
  Tensor norm(const Tensor& x, std::size_t i) {
    return torch::batch_norm(x, gamma_[i], beta_[i], mean_[i], var_[i], true, kMomentum, kEps,
                             true);
  }
  Tensor scale(std::size_t i) const { return gamma_[i] * torch::rsqrt(var_[i] + kEps); }
  Tensor shift(std::size_t i) const { return beta_[i] - mean_[i] * scale(i); }
  // [B, U, n] -> exp of the maxima, [U, Q, B] as a view
  Tensor pooled(const Tensor& convolved) const {
    return torch::exp(torch::max_pool1d(convolved, a_.pool_size, a_.pool_stride))
        .permute({1, 2, 0});
  }

  const model::Architecture a_;
  Tensor x_;                                         // [B, 4, L]
  Tensor y_;                                         // [B, T]
  Tensor filter_, first_, second_, final_, bias_;    // [U,4,K] [U,H,Q] [U,1,H] [T,U] [T]
  std::array<Tensor, 3> gamma_, beta_, mean_, var_;  // [U] [U H] [U]
  std::vector<Tensor> parameters_;
  std::unique_ptr<Adam> optimizer_;
};

void BestNative::load() {
  const std::int64_t units = a_.num_units;
  filter_ = parameter(kLayers[0] + ".weight", {units, 4, a_.filter_size});
  first_ = parameter(kLayers[1] + ".weight", {units, kHidden, a_.pooled()});
  second_ = parameter(kLayers[2] + ".weight", {units, 1, kHidden});
  final_ = parameter("final.weight", {a_.num_tasks, units});
  bias_ = parameter("final.bias", {a_.num_tasks});
  for (std::size_t i = 0; i < 3; ++i) {
    gamma_[i] = parameter(kNorms[i] + ".weight", {-1});
    beta_[i] = parameter(kNorms[i] + ".bias", {-1});
    // A bias before a batch norm only shifts the running mean: it is taken off there.
    mean_[i] =
        weight(problem(), kNorms[i] + ".running_mean") - weight(problem(), kLayers[i] + ".bias");
    var_[i] = weight(problem(), kNorms[i] + ".running_var");
  }
}

Tensor BestNative::step(const Tensor& mask, std::uint32_t number) {
  const std::int64_t units = a_.num_units, rows = problem().options.batch;
  const Tensor p = pooled(norm(torch::conv1d(x_, filter_), 0));
  // Units and nodes are channels, rows their positions: the product's own layout.
  const Tensor product = torch::bmm(first_, p).view({1, units * kHidden, rows});
  const Tensor hidden = torch::relu(norm(product, 1)).view({units, kHidden, rows});
  Tensor kept;
  if (mask.defined()) {
    kept = hidden * (mask.permute({1, 2, 0}) / kKeep);
  } else if (on_gpu()) {
    kept = torch::dropout(hidden, model::Architecture::kDropout, true);
  } else {
    kept = hidden * (random_mask(hidden, number) / kKeep);
  }
  const Tensor unit = torch::bmm(second_, kept).view({1, units, rows});
  const Tensor outputs = torch::relu(norm(unit, 2)).view({units, rows}).t();
  const Tensor loss =
      torch::binary_cross_entropy_with_logits(torch::addmm(bias_, outputs, final_.t()), y_);
  optimizer_->step(torch::autograd::grad({loss}, parameters_));
  return loss.detach();
}

Tensor BestNative::logits() {
  const std::int64_t units = a_.num_units;
  const Tensor filter = filter_ * scale(0).view({-1, 1, 1});
  const Tensor p = pooled(torch::conv1d(x_, filter, shift(0)));
  const Tensor first = first_ * scale(1).view({units, kHidden, 1});
  const Tensor hidden = torch::baddbmm(shift(1).view({units, kHidden, 1}), first, p).relu_();
  const Tensor second = second_ * scale(2).view({-1, 1, 1});
  const Tensor outputs = torch::baddbmm(shift(2).view({-1, 1, 1}), second, hidden).relu_();
  return torch::addmm(bias_, outputs.squeeze(1).t(), final_.t());
}

}  // namespace

std::unique_ptr<Contestant> best_native_network(const StepCase& problem) {
  return std::make_unique<BestNative>(problem);
}

}  // namespace explainn::bench
