// How well motifs alone tell sequences apart: what a trained model is held against.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "model/motif/scanner.h"

namespace explainn::model {

/// Areas under the curves of a score: average_precision() and roc_auc() of metrics.h.
struct ScoreAreas {
  double roc;
  double pr;
};

/// One motif for one task. NaN where a task lacks one of both classes.
struct MotifJudgement {
  std::int64_t positives = 0;  ///< sequences with a label of 0.5 or more
  std::int64_t negatives = 0;
  ScoreAreas best;  ///< of the best window's score
  ScoreAreas sum;   ///< of the sum over all windows
};

/// [motifs, sequences]: bits of the best window, -infinity without a window.
std::vector<float> best_scores(std::span<const ScoreColumns> motifs, Sequences sequences,
                               ScanStrands strands);

/// [motifs, tasks]: each motif's scores of the sequences `rows`, against each task's labels in
/// [0, 1], NaN ones left out. Sequences without a window rank below all others. Memory: some 256
/// MiB beside the data. `progress` is told the part done, 0 .. 1, by the calling thread.
std::vector<MotifJudgement> judge_motifs(std::span<const ScoreColumns> motifs,
                                         const data::Dataset& dataset,
                                         std::span<const std::uint32_t> rows, ScanStrands strands,
                                         const std::function<void(double)>& progress = {});

}  // namespace explainn::model
