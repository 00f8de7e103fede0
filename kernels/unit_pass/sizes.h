// The sizes of a unit pass and where the numbers of a unit stand.
#pragma once

#include <cstdint>
#include <vector>

namespace explainn::kernels {

struct UnitSizes {
  std::int64_t units;   ///< U
  std::int64_t filter;  ///< K
  std::int64_t length;  ///< L
  std::int64_t pool;    ///< P
  std::int64_t stride;  ///< S

  std::int64_t positions() const { return length - filter + 1; }             ///< n
  std::int64_t pooled() const { return (positions() - pool) / stride + 1; }  ///< Q
};

/// A linear map with its batch norm as it stands in a unit's two blocks. Offsets are in elements.
struct UnitLayer {
  std::int64_t inputs, outputs;
  /// Of a row of w. Several outputs: w [inputs][stride], a row of padded outputs for each input.
  /// One output: w [stride], padded inputs.
  std::int64_t stride;
  // In the block of trained parameters.
  std::int64_t w;
  std::int64_t gamma, beta;  ///< [outputs]
  // In the block of what is not trained.
  std::int64_t bias, mean, variance;  ///< [outputs]; mean and variance are the running ones
};

/// All of a unit's trained parameters stand side by side, so that they are updated while they are
/// in cache; all units have the same layout. Rows are padded and start at multiples of kRowPadding;
/// padding is 0 and stays 0.
struct UnitLayout {
  /// hidden_outputs: the outputs of each layer after the pool, e.g. {100, 1}; empty when the pooled
  /// value (Q = 1) is the unit's output.
  UnitLayout(const UnitSizes& sizes, const std::vector<std::int64_t>& hidden_outputs);

  UnitLayer convolution;          ///< one output; entry 4 k + base of w
  std::vector<UnitLayer> layers;  ///< after the pool
  std::int64_t parameters;        ///< size of the block of trained parameters
  std::int64_t statistics;        ///< size of the other
};

}  // namespace explainn::kernels
