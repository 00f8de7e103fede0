// The columns of all targets, laid out for comparison.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/motif/comparison.h"

namespace explainn::model {

using ProbabilityColumn = std::array<double, 4>;

/// Sum of squares that is rounding alone: what a column has beyond 1/4 is nothing.
inline constexpr double kFlat = 1e-20;

/// What a distance in single precision is taken from: the probabilities, or the direction (a vector
/// of length 1, or 0) of what the column has beyond 1/4, so that a product is the correlation.
std::array<float, 4> coordinates_of(const ProbabilityColumn& column, ColumnDistance distance);

/// A target on one strand.
struct TargetStrand {
  std::int64_t begin;        ///< its first column
  std::int64_t width;        ///< number of columns
  std::size_t width_number;  ///< place of `width` in TargetColumns::widths
};

struct TargetColumns {
  std::int64_t count = 0;                  ///< N
  std::vector<ProbabilityColumn> columns;  ///< [N]
  std::vector<float> coordinates;          ///< [4, N] of columns, see coordinates_of()
  std::vector<TargetStrand> strands;       ///< forward_0, reverse_0, forward_1 ..; or forward_0 ..
  std::vector<std::int64_t> widths;        ///< all that occur, ascending
};

/// Takes distance, pseudocount and strands from `options`.
TargetColumns target_columns(const std::vector<data::Motif>& targets,
                             const ProbabilityColumn& background, const ComparisonOptions& options);

}  // namespace explainn::model
