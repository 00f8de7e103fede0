// The units' convolutions in a training step, their batch norm and their pools.
#pragma once

#include <cstdint>

#include "kernels/memory.h"
#include "kernels/unit_pass/block_tables.h"
#include "kernels/unit_pass/encoded_rows.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/sizes.h"
#include "kernels/unit_pass/window_moments.h"

namespace explainn::kernels {

/// The pooled values of one unit, or their gradients, and where in their pool windows they stand.
template <typename T>
struct PooledRows {
  const T* values;          ///< [B], stride apart: Q values and zeros
  const PoolPlace* places;  ///< likewise
  std::int64_t stride;
};

/// T is float in the product, double where it serves as a reference.
template <typename T>
class TrainingConvolution {
 public:
  TrainingConvolution(const UnitSizes& sizes, const UnitLayout& layout, InstructionSet set);

  /// Folds the batch norm of a batch with these moments into the tables. Running statistics move.
  /// parameters [U, layout.parameters], statistics [U, layout.statistics].
  void fold(const WindowMoments& moments, const T* parameters, T* statistics);

  /// The scores with their batch norm, for pools.
  const BlockTables<T>& tables() const { return tables_; }

  /// The gradients of a unit's filter and gamma from those of its largest scores. `parameters` and
  /// `gradients` are the unit's blocks; that of beta is left to the caller, who knows it exactly.
  void gradient(std::int64_t unit, const EncodedRows& sequences, const WindowMoments& moments,
                const T* parameters, const PooledRows<T>& d_scores, T* gradients) const;

 private:
  void fold_block(std::int64_t block, const WindowMoments& moments, const T* parameters,
                  T* statistics);

  struct Statistics {
    double mean, s;  // of the scores w.x; s = sqrt(variance + eps)
  };

  UnitSizes sizes_;
  UnitLayout layout_;
  const Loops<T>& loops_;
  const Loops<double>& exact_loops_;
  BlockTables<T> tables_;
  Buffer<double> cw_;  // [U, moments.stride], covariance times filter
  Buffer<Statistics> of_scores_;
};

}  // namespace explainn::kernels
