// The fused unit pass in training mode: all units forward and backward, with batch norms from the
// batch's own statistics, and the optimiser's step on each unit while it is in cache.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/memory.h"
#include "kernels/optimizer/optimizer.h"
#include "kernels/unit_pass/encoded_rows.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/sizes.h"
#include "kernels/unit_pass/training_convolution.h"
#include "kernels/unit_pass/window_moments.h"

namespace explainn::kernels {

/// Consecutive units.
struct UnitRange {
  std::int64_t first, count;
};

struct UnitTrainingSettings {
  double dropout;              ///< probability behind each hidden layer, in [0, 1)
  std::uint64_t seed;          ///< of the dropout
  std::uint32_t first_stream;  ///< of the first hidden layer's dropout; the next ones follow
  /// Unset: by the sizes.
  std::optional<HiddenPath> path = std::nullopt;
  /// Bytes that pooled values may take. Where all units need more, they are computed in groups, and
  /// again for the backward pass.
  std::int64_t pooled_bytes = std::int64_t{1} << 30;
  InstructionSet set = chosen_instruction_set();
};

/// T is float in the product, double where it serves as a reference. The same bits for any number
/// of threads.
template <typename T>
class UnitTraining {
 public:
  /// Parameters and statistics are 0 until they are set. Throws std::invalid_argument where sizes
  /// do not fit each other (UnitLayout) and for pools of more than kMostPooled positions.
  UnitTraining(const UnitSizes& sizes, const std::vector<std::int64_t>& hidden_outputs,
               const UnitTrainingSettings& settings);

  const UnitLayout& layout() const { return layout_; }
  Buffer<T>& parameters() { return parameters_; }  ///< [U, layout().parameters]
  const Buffer<T>& parameters() const { return parameters_; }
  Buffer<T>& statistics() { return statistics_; }  ///< [U, layout().statistics]
  const Buffer<T>& statistics() const { return statistics_; }

  /// bases [rows, L], 0..3 or 4 for unknown, which must stay until backward() -> outputs [rows, U].
  /// Running statistics move. `step` counts dropout. Requires rows >= 2.
  void forward(const std::uint8_t* bases, std::int64_t rows, std::uint32_t step, T* outputs);

  /// Gradients [U, layout().parameters] of the last forward() from those of its outputs [rows, U].
  void backward(const T* d_outputs, T* gradients);
  /// As backward, followed by a step of the optimiser on every parameter. Moments are laid out as
  /// the parameters; m null in sgd_step where the momentum is 0.
  void adam_step(const T* d_outputs, const AdamParams& p, T* m, T* v);
  void sgd_step(const T* d_outputs, const SgdParams& p, T* velocity);

 private:
  struct Batch {
    const std::uint8_t* bases;
    std::int64_t rows;
    std::uint32_t step;
    EncodedRows encoded;
    WindowMoments moments;
  };
  // first_of_group: the unit with which x_, places_ and memory_ begin.
  void forward_group(const UnitRange& group, bool move_statistics);
  void pool(std::int64_t unit, std::int64_t first_of_group, std::int64_t begin, std::int64_t end);
  void forward_layers(const UnitRange& units, std::int64_t first_of_group, bool move_statistics);
  template <typename Apply>
  void backward_group(const UnitRange& group, const Apply& apply);
  double backward_layers(const UnitRows<T>& u, std::int64_t unit, T* gradients, T* dx) const;
  template <typename Apply>
  void backward_all(const T* d_outputs, const Apply& apply);
  UnitRows<T> unit_rows(std::int64_t unit, std::int64_t first_of_group, T* scratch);
  std::int64_t kept_bytes() const;
  void draw_kept_bits(std::int64_t unit, std::uint8_t* to) const;
  void clear_gradients(T* gradients) const;

  UnitSizes sizes_;
  UnitLayout layout_;
  UnitTrainingSettings settings_;
  const Loops<T>& loops_;
  HiddenPath path_;
  Buffer<T> parameters_;
  Buffer<T> statistics_;
  TrainingConvolution<T> convolution_;

  std::optional<Batch> batch_;
  std::int64_t group_units_ = 0;
  UnitRowsSizes rows_sizes_{};
  std::int64_t unit_stride_ = 0;
  Buffer<T> x_;               // [whole blocks of the group], unit_stride_ apart, [B, x_stride]
  Buffer<PoolPlace> places_;  // likewise: where each pooled value stands
  Buffer<T> memory_;          // [group units, rows_sizes_.memory]
  std::int64_t output_stride_ = 0;
  Buffer<T> outputs_;    // [U, output_stride_], of all rows
  Buffer<T> d_outputs_;  // likewise
};

}  // namespace explainn::kernels
