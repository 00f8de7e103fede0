#include "bench/torch_adam.h"
#include "bench/torch_networks.h"
#include "bench/torch_twin.h"

namespace explainn::bench {
namespace {

struct RunningStatistics {
  torch::Tensor mean, var;
};

class Best final : public Twin {
 public:
  explicit Best(const StepCase& problem) : Twin(problem), a_(problem.sizes), y_(labels(problem)) {
    x_ = one_hot(problem).transpose(1, 2).unsqueeze(2);  // channels last
    load();
    optimizer_ = std::make_unique<Adam>(parameters_);
  }

 private:
  torch::Tensor step(const torch::Tensor& mask, std::uint32_t number) override;
  torch::Tensor logits() override;
  // [B, U, 1, Q], channels last -> [U, B, Q]
  torch::Tensor by_unit(const torch::Tensor& pooled) const {
    return pooled.squeeze(2).permute({1, 0, 2}).contiguous();
  }
  torch::Tensor pool(const torch::Tensor& convolved) const {
    return torch::max_pool2d(convolved, {1, a_.pool_size}, {1, a_.pool_stride});
  }
  torch::Tensor hidden_layer(const torch::Tensor& p);
  torch::Tensor second_layer(const torch::Tensor& hidden, const torch::Tensor& mask,
                             std::uint32_t number);
  void load();
  torch::Tensor parameter(const torch::Tensor& values) {
    parameters_.push_back(values.contiguous().requires_grad_());
    return parameters_.back();
  }
  // A bias before a batch norm only shifts the running mean: it is taken off there.
  RunningStatistics statistics(const std::string& norm, const std::string& layer) const {
    return {weight(problem(), norm + ".running_mean") - weight(problem(), layer + ".bias"),
            weight(problem(), norm + ".running_var")};
  }

  const model::Architecture a_;
  torch::Tensor x_;                            // [B, 4, 1, L]
  torch::Tensor y_;                            // [B, T]
  torch::Tensor filter_;                       // [U, 4, 1, K]
  torch::Tensor first_;                        // [U, Q, H]
  torch::Tensor second_;                       // [U, 1, H]
  torch::Tensor final_, bias_;                 // [T, U], [T]
  std::array<torch::Tensor, 3> gamma_, beta_;  // [U], [U, 1, H], [U]
  std::array<RunningStatistics, 3> running_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<Adam> optimizer_;
};

void Best::load() {
  const std::int64_t units = a_.num_units, hidden = kHidden;
  filter_ = weight(problem(), "linears.0.weight").unsqueeze(2);
  filter_ = parameter(filter_);
  first_ = parameter(
      weight(problem(), "linears.6.weight").view({units, hidden, a_.pooled()}).transpose(1, 2));
  second_ = parameter(weight(problem(), "linears.10.weight").view({units, 1, hidden}));
  final_ = parameter(weight(problem(), "final.weight"));
  bias_ = parameter(weight(problem(), "final.bias"));
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<std::int64_t> shape =
        i == 1 ? std::vector<std::int64_t>{units, 1, hidden} : std::vector<std::int64_t>{units};
    gamma_[i] = parameter(weight(problem(), kNorms[i] + ".weight").view(shape));
    beta_[i] = parameter(weight(problem(), kNorms[i] + ".bias").view(shape));
    running_[i] = statistics(kNorms[i], kLayers[i]);
  }
  running_[1].mean = running_[1].mean.view({units, 1, hidden});
  running_[1].var = running_[1].var.view({units, 1, hidden});
}

// Batch norm of a linear layer without a pass over its output: mean and variance follow from those
// of the input. p [U, B, Q] -> normalised [U, B, H].
torch::Tensor Best::hidden_layer(const torch::Tensor& p) {
  const double rows = static_cast<double>(problem().options.batch);
  const torch::Tensor mean = p.mean(1, true);
  const torch::Tensor centred = p - mean;
  const torch::Tensor covariance = torch::bmm(centred.transpose(1, 2), centred) / rows;
  const torch::Tensor var = (first_ * torch::bmm(covariance, first_)).sum(1, true);
  {
    const torch::NoGradGuard guard;
    running_[1].mean.lerp_(torch::bmm(mean, first_), kMomentum);
    running_[1].var.lerp_(var * (rows / (rows - 1)), kMomentum);
  }
  return torch::baddbmm(beta_[1], centred, first_ * (gamma_[1] * torch::rsqrt(var + kEps)));
}

// Dropout and the linear map of [U, B, H] to [U, B].
torch::Tensor Best::second_layer(const torch::Tensor& hidden, const torch::Tensor& mask,
                                 std::uint32_t number) {
  if (on_gpu() && !mask.defined()) {
    return (torch::dropout(hidden, model::Architecture::kDropout, true) * second_).sum(2);
  }
  const torch::Tensor kept = mask.defined() ? mask.transpose(0, 1) : random_mask(hidden, number);
  return (hidden * kept * (second_ / kKeep)).sum(2);
}

torch::Tensor Best::step(const torch::Tensor& mask, std::uint32_t number) {
  const torch::Tensor convolved = torch::conv2d(x_, filter_);
  const torch::Tensor normal = torch::batch_norm(convolved, gamma_[0], beta_[0], running_[0].mean,
                                                 running_[0].var, true, kMomentum, kEps, false);
  const torch::Tensor pooled = torch::exp(pool(normal));
  // Without this the gradient arrives in another layout and every backward pass below is slow.
  pooled.register_hook(
      [](const torch::Tensor& g) { return g.contiguous(torch::MemoryFormat::ChannelsLast); });
  const torch::Tensor p = by_unit(pooled);
  const torch::Tensor hidden = torch::relu(hidden_layer(p));
  const torch::Tensor unit = second_layer(hidden, mask, number);
  const torch::Tensor outputs =
      torch::relu(torch::batch_norm(unit.t(), gamma_[2], beta_[2], running_[2].mean,
                                    running_[2].var, true, kMomentum, kEps, false));
  const torch::Tensor loss =
      torch::binary_cross_entropy_with_logits(torch::addmm(bias_, outputs, final_.t()), y_);
  optimizer_->step(torch::autograd::grad({loss}, parameters_));
  return loss.detach();
}

torch::Tensor Best::logits() {
  const auto scale = [&](std::size_t i) {
    return gamma_[i] * torch::rsqrt(running_[i].var + kEps);
  };
  const torch::Tensor filter =
      (filter_ * scale(0).view({-1, 1, 1, 1})).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor shift = beta_[0] - running_[0].mean * scale(0);
  const torch::Tensor first = first_ * scale(1);
  const torch::Tensor first_shift = beta_[1] - running_[1].mean * scale(1);
  const torch::Tensor second = second_ * scale(2).view({-1, 1, 1});
  const torch::Tensor second_shift = (beta_[2] - running_[2].mean * scale(2)).unsqueeze(1);
  std::vector<torch::Tensor> units;
  // On the CPU in blocks of rows that stay in cache.
  for (const torch::Tensor& x : x_.split(on_gpu() ? x_.size(0) : 100)) {
    const torch::Tensor p = by_unit(pool(torch::conv2d(x, filter, shift)).exp_());
    const torch::Tensor hidden = torch::baddbmm(first_shift, p, first).relu_();
    units.push_back(
        torch::bmm(second, hidden.transpose(1, 2)).squeeze(1).add_(second_shift).relu_());
  }
  return torch::addmm(bias_, torch::cat(units, 1).t(), final_.t());
}

}  // namespace

std::unique_ptr<Contestant> best_network(const StepCase& problem) {
  return std::make_unique<Best>(problem);
}

}  // namespace explainn::bench
