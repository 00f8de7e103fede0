// What the twins share that run on the CPU and on a GPU: steps and inference are made operation by
// operation, or on a GPU also as replays of a recorded graph.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <optional>

#include "bench/step_harness.h"

namespace explainn::bench {

class Twin : public Contestant {
 public:
  explicit Twin(const StepCase& problem);

  double train_step(std::uint32_t step, const std::vector<std::uint8_t>* kept) final;
  void train_steps(std::uint32_t step, std::int64_t count) final;
  std::vector<float> infer() final;

 protected:
  /// A whole step on the device, without a word to the host on a GPU. `mask` [B, U, H] is 0 or 1,
  /// undefined where the twin draws it itself. Returns the loss.
  virtual torch::Tensor step(const torch::Tensor& mask, std::uint32_t number) = 0;
  /// [B, T], in evaluation mode.
  virtual torch::Tensor logits() = 0;

  const StepCase& problem() const { return problem_; }
  const model::Architecture& sizes() const { return problem_.sizes; }
  torch::Device device() const { return device_; }
  bool on_gpu() const { return device_.is_cuda(); }

 private:
  torch::Tensor make_step(const torch::Tensor& mask, std::uint32_t number);

  const StepCase& problem_;
  const torch::Device device_;
  torch::Tensor mask_;    // what a recorded step with a given mask reads
  torch::Tensor loss_;    // what recorded steps write
  torch::Tensor logits_;  // what a recorded inference writes
  std::function<void()> given_, drawn_, inference_;
  int steps_made_ = 0;
};

}  // namespace explainn::bench
