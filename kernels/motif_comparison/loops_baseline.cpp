#include "kernels/motif_comparison/loops_source.h"

namespace explainn::kernels {

const ComparisonLoops& baseline_comparison_loops() {
  static constexpr ComparisonLoops kLoops = comparison_loops_with_vectors_of<16>();
  return kLoops;
}

}  // namespace explainn::kernels
