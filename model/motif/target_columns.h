// The columns of all targets, laid out for comparison.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/motif_file.h"

namespace explainn::model {

using ProbabilityColumn = std::array<double, 4>;

/// A target on one strand.
struct TargetStrand {
  std::int64_t begin;        ///< its first column
  std::int64_t width;        ///< number of columns
  std::size_t width_number;  ///< place of `width` in TargetColumns::widths
};

struct TargetColumns {
  std::int64_t count = 0;                  ///< N
  std::vector<ProbabilityColumn> columns;  ///< [N]
  std::vector<float> letters;              ///< [4, N] the same in single precision
  std::vector<TargetStrand> strands;       ///< forward_0, reverse_0, forward_1 ..; or forward_0 ..
  std::vector<std::int64_t> widths;        ///< all that occur, ascending
};

/// `pseudocount` and `background`: see with_pseudocount().
TargetColumns target_columns(const std::vector<data::Motif>& targets, double pseudocount,
                             const ProbabilityColumn& background, bool both_strands);

}  // namespace explainn::model
