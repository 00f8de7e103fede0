// A folded network in a GPU's memory.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/memory.h"
#include "kernels/unit_pass/device_inference.h"
#include "kernels/unit_pass/device_inference_step.h"

namespace explainn::kernels {

class FoldedNetwork {
 public:
  /// As DeviceInference.
  FoldedNetwork(const UnitSizes& sizes, const float* filters, const float* shifts,
                const std::vector<FoldedUnitLayer>& layers, const FinalLayer& final_layer,
                Device device);

  const UnitSizes& sizes() const { return sizes_; }
  std::int64_t tasks() const { return tasks_; }
  Device device() const { return device_; }
  const FoldedUnits& units() const { return units_; }
  /// logits [rows, T] from unit outputs [rows, U], both on the device in use.
  void find_logits(std::int64_t rows, const float* outputs, float* logits) const;

 private:
  const float* keep(const std::vector<float>& numbers);
  void add_layer(const FoldedUnitLayer& layer, bool last);

  UnitSizes sizes_;
  std::int64_t tasks_;
  Device device_;
  std::vector<Buffer<float>> numbers_;  // what the pointers point to
  FoldedUnits units_{};
  const float* final_weight_;  // [T, U]
  const float* final_bias_;    // [T]
};

}  // namespace explainn::kernels
