#include "kernels/motif_comparison/loops.h"

namespace explainn::kernels {

const ComparisonLoops& comparison_loops(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return avx512_comparison_loops();
  if (set == InstructionSet::avx2) return avx2_comparison_loops();
#endif
  static_cast<void>(set);
  return baseline_comparison_loops();
}

}  // namespace explainn::kernels
