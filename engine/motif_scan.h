// The motif scan, as models see it.
#pragma once

#include "kernels/motif_scan/motif_scan.h"

namespace explainn::engine {

using kernels::kScoresPerBit;
using kernels::kTrustedSum;
using kernels::MotifScan;
using kernels::PartScore;
using kernels::ScanScratch;
using kernels::ScanStrands;
using kernels::ScanText;
using kernels::ScoreColumns;
using kernels::TextPart;
using kernels::WindowHit;

}  // namespace explainn::engine
