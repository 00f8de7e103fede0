#include "kernels/motif_scan/loops_source.h"

#if defined(__x86_64__)
namespace explainn::kernels {

const ScanLoops& avx2_scan_loops() {
  static constexpr ScanLoops kLoops = kScanLoops;
  return kLoops;
}

}  // namespace explainn::kernels
#endif
