#include "kernels/motif_scan/loops.h"

namespace explainn::kernels {

const ScanLoops& scan_loops(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return avx512_scan_loops();
  if (set == InstructionSet::avx2) return avx2_scan_loops();
#endif
  static_cast<void>(set);
  return baseline_scan_loops();
}

}  // namespace explainn::kernels
