// What a training run shows while it goes on.
#pragma once

#include <chrono>
#include <string>

#include "cli/progress.h"
#include "cli/run_log.h"
#include "model/trainer.h"

namespace explainn::cli {

class TrainReport {
 public:
  explicit TrainReport(const RunLog& log) : log_(log), progress_(log.options().quiet) {}

  /// Bar, one line an epoch, notes, and stopping after a signal. Valid as long as this object.
  model::TrainHooks hooks();
  /// How it ended and what was written, for the last line.
  std::string closing(const model::TrainSummary& summary, const std::string& folder) const;

 private:
  void step(const model::TrainProgress& state);
  void epoch(const model::EpochResult& result);

  const RunLog& log_;
  Progress progress_;
  std::int64_t epoch_shown_ = 0;
  std::chrono::steady_clock::time_point epoch_begun_ = std::chrono::steady_clock::now();
};

}  // namespace explainn::cli
