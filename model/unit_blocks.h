// Where the tensors of a network stand in the units' blocks of the fused pass (UnitLayout).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/unit_inference.h"
#include "engine/unit_training.h"
#include "model/weights.h"

namespace explainn::model {

class UnitBlocks {
 public:
  UnitBlocks(const Architecture& sizes, const engine::UnitLayout& layout);

  /// Where the elements of a tensor of the units stand: element (u, o, i) of [U, outputs, inputs]
  /// at block u, offset + o output_step + i input_step.
  struct Field {
    std::int64_t outputs, inputs, offset, output_step, input_step;
    bool trained;  ///< in the block of parameters, else in that of statistics
  };

  const std::vector<TensorSpec>& specs() const { return specs_; }
  /// The last two specs are the final layer's weight and bias.
  bool of_units(std::size_t spec) const { return spec + 2 < specs_.size(); }
  /// 0: the final layer's weight, 1: its bias.
  std::size_t of_final(std::size_t spec) const { return spec + 2 - specs_.size(); }
  /// Whether the optimiser moves the tensor.
  bool moved(std::size_t spec) const {
    return specs_[spec].trained() && specs_[spec].role != TensorRole::idle_bias;
  }
  /// Of a tensor of the units.
  Field field(std::size_t spec) const;

  /// All numbers of a tensor, in PyTorch's order, from the blocks of all units.
  template <typename T>
  std::vector<T> gathered(const Field& field, const T* blocks) const {
    std::vector<T> values(
        static_cast<std::size_t>(sizes_.num_units * field.outputs * field.inputs));
    visit(field, [&](std::int64_t place, std::int64_t at) {
      values[static_cast<std::size_t>(place)] = blocks[at];
    });
    return values;
  }
  template <typename Values, typename T>
  void scatter(const Field& field, const Values& values, T* blocks) const {
    visit(field, [&](std::int64_t place, std::int64_t at) {
      blocks[at] = static_cast<T>(values[static_cast<std::size_t>(place)]);
    });
  }

 private:
  // Calls visit(place in PyTorch's tensor, place in the blocks).
  template <typename Visit>
  void visit(const Field& field, const Visit& visit) const {
    const std::int64_t block = field.trained ? layout_.parameters : layout_.statistics;
    std::int64_t place = 0;
    for (std::int64_t u = 0; u < sizes_.num_units; ++u) {
      for (std::int64_t o = 0; o < field.outputs; ++o) {
        for (std::int64_t i = 0; i < field.inputs; ++i) {
          visit(place++, u * block + field.offset + o * field.output_step + i * field.input_step);
        }
      }
    }
  }

  Architecture sizes_;
  engine::UnitLayout layout_;
  std::vector<TensorSpec> specs_;
};

/// The outputs of each layer of a unit after its pool.
std::vector<std::int64_t> layer_outputs(const Architecture& sizes);
engine::UnitSizes unit_sizes(const Architecture& sizes);

}  // namespace explainn::model
