#include "kernels/motif_comparison/loops_source.h"

#if defined(__x86_64__)
namespace explainn::kernels {

const ComparisonLoops& avx2_comparison_loops() {
  static constexpr ComparisonLoops kLoops = comparison_loops_with_vectors_of<32>();
  return kLoops;
}

}  // namespace explainn::kernels
#endif
