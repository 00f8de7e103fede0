// The fused unit pass in evaluation mode: table convolution, pooling before exp, and the layers of
// a unit while its rows are in cache. Batch norms are folded into the layers before them.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/memory.h"
#include "kernels/unit_pass/block_tables.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// A linear layer of every unit with its batch norm folded in: ReLU(w x + bias).
struct FoldedUnitLayer {
  std::int64_t inputs;   ///< I of a unit
  std::int64_t outputs;  ///< O of a unit
  const float* w;        ///< [U, O, I]
  const float* bias;     ///< [U, O]
};

class UnitInference {
 public:
  /// filters [U, 4, K] and shifts [U]: the folded convolution. layers: from the pooled values to
  /// one number a unit; empty when the pooled value (Q = 1) is the unit's output. Everything is
  /// copied. Throws std::invalid_argument where sizes do not fit each other.
  UnitInference(const UnitSizes& sizes, const float* filters, const float* shifts,
                const std::vector<FoldedUnitLayer>& layers,
                InstructionSet set = chosen_instruction_set());

  /// bases [rows, L], 0..3 or 4 for unknown -> outputs [rows, U]. The same bits for any number of
  /// threads, and for a row whatever the rows beside it.
  void outputs(const std::uint8_t* bases, std::int64_t rows, float* outputs) const;
  /// bases [rows, L] -> exp(folded convolution) [rows, U, n].
  void activations(const std::uint8_t* bases, std::int64_t rows, float* activations) const;

 private:
  struct Layer {
    std::int64_t inputs, outputs, columns;  // columns: outputs, padded
    Buffer<float> w;                        // [U, I, columns]
    Buffer<float> bias;                     // [U, columns]
  };

  void unit_rows(std::int64_t unit, std::int64_t rows, const float* pooled, float* result) const;

  UnitSizes sizes_;
  const Loops<float>& loops_;
  BlockTables<float> tables_;
  std::vector<Layer> layers_;
  Buffer<float> last_;       // [U, padded inputs of the last layer]
  Buffer<float> last_bias_;  // [U]
};

}  // namespace explainn::kernels
