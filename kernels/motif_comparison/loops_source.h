// The bodies of ComparisonLoops. Included by loops_<set>.cpp alone. Everything has internal
// linkage: were it shared, the linker could give one set's code to another. Plain loops are
// vectorised by the compiler; only the convolution is written with vectors, to keep its sums in
// registers.
#pragma once

#include "kernels/motif_comparison/columns_source.h"
#include "kernels/motif_comparison/distributions_source.h"
#include "kernels/motif_comparison/twister_source.h"

namespace explainn::kernels {
namespace {

template <int Bytes>
constexpr ComparisonLoops comparison_loops_with_vectors_of() {
  return {.distances = distances,
          .correlations = correlations,
          .extremes = extremes,
          .count_below = count_below,
          .mark_between = mark_between,
          .quantise = quantise,
          .diagonals_16 = diagonals<std::uint16_t>,
          .diagonals_32 = diagonals<std::uint32_t>,
          .convolve = convolve<Bytes>,
          .maximum = maximum,
          .twist = twist,
          .draw = draw,
          .temper = temper};
}

}  // namespace
}  // namespace explainn::kernels
