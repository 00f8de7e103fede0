// One unit's rows in a training step, from the pooled values to the unit's output and back.
#pragma once

#include <cstdint>

#include "kernels/dropout/decisions.h"
#include "kernels/unit_pass/sizes.h"

namespace explainn::kernels {

/// What dropout keeps of one unit's hidden layer. Element (row, node) has the number
/// first + row * row_step + node; keys are those of its page, page 0 being that of `first`.
struct KeptBitsParams {
  std::int64_t rows, nodes, columns;  ///< columns = padded(nodes)
  std::uint64_t first, row_step;
  DropoutKeys keys[2];
  std::uint32_t threshold;
  std::uint8_t* kept;  ///< [rows][columns / 8]: one bit a node, 0 from `nodes` on
};

/// The rows of one unit. `parameters` and `statistics` are its blocks (UnitLayout).
template <typename T>
struct UnitRows {
  std::int64_t rows;  ///< B
  const UnitLayer* layers;
  std::int64_t layer_count;  ///< n >= 1
  const std::uint8_t* kept;  ///< [n - 1][B][padded(nodes) / 8]: behind each layer but the last
  double keep;               ///< the probability of a 1 there
  const T* parameters;
  T* statistics;  ///< running ones move in the forward pass; null: they stay
  T* x;           ///< [B][x_stride]: the pooled values; masked_forward centres them
  std::int64_t x_stride;
  T* memory;   ///< what the backward pass needs of the forward pass
  T* scratch;  ///< for one call
};

/// How a hidden layer is computed (unit-pass mathematics in masked_source.h and dense_source.h).
/// `masked` stores one bit a hidden node and takes all statistics from the covariance of the pooled
/// values: for two layers and few pooled values. `dense` computes each layer's products in both
/// directions: for all others.
enum class HiddenPath { masked, dense };

/// Strides and the sizes of memory and scratch, in elements, for UnitRows.
struct UnitRowsSizes {
  std::int64_t x_stride, memory, scratch;
};

}  // namespace explainn::kernels
