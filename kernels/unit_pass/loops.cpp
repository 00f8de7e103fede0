#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {

const Loops& loops(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return avx512_loops();
  if (set == InstructionSet::avx2) return avx2_loops();
#endif
  static_cast<void>(set);
  return baseline_loops();
}

}  // namespace explainn::kernels
