#include "bench/torch_twin.h"

#include "bench/torch_gpu.h"
#include "bench/torch_networks.h"

namespace explainn::bench {
namespace {

// Before anything is recorded: libraries have made their choices, memory has been set aside.
constexpr int kStepsBeforeRecording = 2;

}  // namespace

Twin::Twin(const StepCase& problem) : problem_(problem), device_(device_of(problem)) {}

torch::Tensor Twin::make_step(const torch::Tensor& mask, std::uint32_t number) {
  if constexpr (kTorchCuda) {
    if (problem_.options.graph && steps_made_ >= kStepsBeforeRecording) {
      std::function<void()>& recorded = mask.defined() ? given_ : drawn_;
      if (mask.defined() && mask_.defined()) {
        mask_.copy_(mask);
      } else if (mask.defined()) {
        mask_ = mask.clone();
      }
      if (!recorded) {
        if (!mask.defined()) step({}, number);  // drawing has not been done before
        const torch::Tensor read = mask.defined() ? mask_ : torch::Tensor();
        recorded = record([this, read, number] { loss_ = step(read, number); });
      }
      recorded();
      return loss_;
    }
  }
  ++steps_made_;
  return step(mask, number);
}

double Twin::train_step(std::uint32_t number, const std::vector<std::uint8_t>* kept) {
  const torch::Tensor mask = kept ? mask_tensor(problem_, *kept) : torch::Tensor();
  return make_step(mask, number).item<double>();
}

void Twin::train_steps(std::uint32_t number, std::int64_t count) {
  torch::Tensor loss;
  for (std::int64_t i = 0; i < count; ++i) {
    loss = make_step({}, number + static_cast<std::uint32_t>(i));
  }
  // Waits for all of them.
  if (!std::isfinite(loss.item<double>())) throw std::runtime_error("a loss is not finite");
}

std::vector<float> Twin::infer() {
  const c10::InferenceMode guard;
  if constexpr (kTorchCuda) {
    if (problem_.options.graph) {
      if (!inference_) {
        logits();
        inference_ = record([this] { logits_ = logits(); });
      }
      inference_();
      return host_values(logits_);
    }
  }
  return host_values(logits());
}

}  // namespace explainn::bench
