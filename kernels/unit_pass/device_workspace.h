// The device memory of a training on a GPU.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/memory.h"
#include "kernels/unit_pass/device_chip.h"
#include "kernels/unit_pass/device_step.h"
#include "kernels/unit_pass/device_training.h"

namespace explainn::kernels {

/// Numbers that are trained, with their moments and gradients.
class TrainedBuffers {
 public:
  /// `moments`: 0, 1 or 2.
  TrainedBuffers(std::int64_t size, int moments, Device device);

  TrainedNumbers view();
  std::int64_t size() const { return values_.size(); }
  void read(std::vector<float>& values, std::vector<std::vector<float>>& moments) const;
  void write(const std::vector<float>& values, const std::vector<std::vector<float>>& moments);
  std::vector<float> gradients() const;

 private:
  Buffer<float> values_;
  std::vector<Buffer<float>> moments_;
  Buffer<float> gradients_;
};

/// Everything else that a step of up to `rows` rows needs, sized for it.
class StepWorkspace {
 public:
  StepWorkspace(const StepSizes& sizes, const UnitLayout& layout, Device device);

  /// Sets all pointers of `memory` but those of trained numbers, statistics and status.
  void fill(StepMemory& memory, const StepSizes& sizes);

 private:
  template <typename T>
  T* part(std::int64_t count);

  std::int64_t rows_;
  std::int64_t most_inputs_;
  Buffer<std::uint8_t> bytes_;
  std::int64_t used_ = 0;
};

/// What the kernel of many steps needs beside it.
class ChipWorkspace {
 public:
  ChipWorkspace(const Step& step, Device device);

  /// For `steps` steps that follow `optimizer_step`.
  ChipMemory view(const Step& step, std::int64_t steps, std::int64_t optimizer_step);

 private:
  Device device_;
  Buffer<std::uint32_t> bases_, unknown_, planes_;
  Buffer<float> labels_, mean_, covariance_, outputs_;
  Buffer<std::int32_t> counted_;
  Buffer<unsigned> arrived_;
  Buffer<AdamRates> rates_;
};

/// Blocks that share the tiles of a unit: enough for a large GPU, and a function of sizes alone.
int step_parts(std::int64_t rows, std::int64_t units);

}  // namespace explainn::kernels
