// The bodies of ScanLoops. Included by loops_<set>.cpp alone. Everything has internal linkage: were
// it shared, the linker could give one set's code to another.
#pragma once

#include "kernels/motif_scan/run_scores_source.h"
#include "kernels/motif_scan/within_source.h"

namespace explainn::kernels {
namespace {

constexpr ScanLoops kScanLoops{.within = within, .run_scores = run_scores};

}  // namespace
}  // namespace explainn::kernels
