#include "bench/torch_adam.h"
#include "bench/torch_networks.h"
#include "bench/torch_twin.h"

namespace explainn::bench {
namespace {

namespace nn = torch::nn;

class Original final : public Twin {
 public:
  explicit Original(const StepCase& problem)
      : Twin(problem), x_(one_hot(problem).transpose(1, 2).contiguous()), y_(labels(problem)) {
    const model::Architecture& a = problem.sizes;
    const std::int64_t hidden = a.num_units * kHidden;
    convolution_ = nn::Conv1d(
        nn::Conv1dOptions(4 * a.num_units, a.num_units, a.filter_size).groups(a.num_units));
    first_ = nn::Conv1d(nn::Conv1dOptions(a.num_units * a.pooled(), hidden, 1).groups(a.num_units));
    second_ = nn::Conv1d(nn::Conv1dOptions(hidden, a.num_units, 1).groups(a.num_units));
    norms_ = {nn::BatchNorm1d(a.num_units), nn::BatchNorm1d(hidden), nn::BatchNorm1d(a.num_units)};
    pool_ = nn::MaxPool1d(nn::MaxPool1dOptions(a.pool_size).stride(a.pool_stride));
    final_ = nn::Linear(a.num_units, a.num_tasks);
    for (const auto& module : modules()) module->to(device());
    load();
    if (on_gpu()) {
      fused_ = std::make_unique<Adam>(parameters_);
    } else {
      optimizer_ = std::make_unique<torch::optim::Adam>(parameters_, 0.003);
    }
  }

 private:
  torch::Tensor step(const torch::Tensor& mask, std::uint32_t) override {
    for (auto& norm : norms_) norm->train();
    const torch::Tensor loss = torch::binary_cross_entropy_with_logits(forward(true, mask), y_);
    if (fused_) {
      fused_->step(torch::autograd::grad({loss}, parameters_));
    } else {
      optimizer_->zero_grad();
      loss.backward();
      optimizer_->step();
    }
    return loss.detach();
  }

  torch::Tensor logits() override {
    for (auto& norm : norms_) norm->eval();
    return forward(false, {});
  }

  std::vector<std::shared_ptr<nn::Module>> modules() const {
    return {convolution_.ptr(), first_.ptr(),    second_.ptr(),  final_.ptr(),
            norms_[0].ptr(),    norms_[1].ptr(), norms_[2].ptr()};
  }

  torch::Tensor forward(bool training, const torch::Tensor& mask) {
    torch::Tensor h =
        torch::exp(norms_[0](convolution_(x_.repeat({1, problem().options.units, 1}))));
    h = pool_(h).flatten(1).unsqueeze(2);
    h = torch::relu(norms_[1](first_(h)));
    h = mask.defined() ? h * mask.view_as(h) / kKeep
                       : torch::dropout(h, model::Architecture::kDropout, training);
    h = torch::relu(norms_[2](second_(h))).flatten(1);
    return final_(h);
  }

  void load() {
    const auto set = [&](const torch::Tensor& parameter, const std::string& name) {
      const torch::NoGradGuard guard;
      parameter.copy_(weight(problem(), name));
      if (parameter.requires_grad()) parameters_.push_back(parameter);
    };
    const auto layer = [&](const auto& module, const std::string& name) {
      set(module->weight, name + ".weight");
      set(module->bias, name + ".bias");
    };
    layer(convolution_, kLayers[0]);
    layer(first_, kLayers[1]);
    layer(second_, kLayers[2]);
    layer(final_, "final");
    for (std::size_t i = 0; i < norms_.size(); ++i) {
      layer(norms_[i], kNorms[i]);
      set(norms_[i]->running_mean, kNorms[i] + ".running_mean");
      set(norms_[i]->running_var, kNorms[i] + ".running_var");
    }
  }

  torch::Tensor x_;  // [B, 4, L]
  torch::Tensor y_;  // [B, T]
  nn::Conv1d convolution_{nullptr}, first_{nullptr}, second_{nullptr};
  std::vector<nn::BatchNorm1d> norms_;
  nn::MaxPool1d pool_{nullptr};
  nn::Linear final_{nullptr};
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::Adam> optimizer_;  // on the CPU
  std::unique_ptr<Adam> fused_;                    // on a GPU
};

}  // namespace

std::unique_ptr<Contestant> original_network(const StepCase& problem) {
  return std::make_unique<Original>(problem);
}

}  // namespace explainn::bench
