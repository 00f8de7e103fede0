#include "kernels/motif_scan/loops_source.h"

namespace explainn::kernels {

const ScanLoops& baseline_scan_loops() {
  static constexpr ScanLoops kLoops = kScanLoops;
  return kLoops;
}

}  // namespace explainn::kernels
