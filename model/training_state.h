// What a training run needs to go on as if it had never stopped.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/network.h"
#include "model/trainer.h"

namespace explainn::model {

struct TrainingState {
  /// What must be equal for a run to be continued: {"data": {..}, "options": {..}}.
  nlohmann::json identity;
  /// What computed it: an instruction set, or "cuda".
  std::string computed_by;
  std::int64_t epochs_done = 0;
  std::int64_t batches_done = 0;  ///< in the epoch that is running
  std::int64_t step = 0;          ///< batches since the start of training: the dropout's counter
  engine::LossSum running;        ///< of the epoch that is running
  std::vector<EpochResult> history;
  std::int64_t best_epoch = 0;  ///< 0: none yet
  double best_valid_loss = 0;   ///< meaningless without a best epoch
  Weights best;                 ///< empty without a best epoch
  Weights weights;
  OptimizerState optimizer;
};

/// Describes the data (hashes of the input files, rows of each split and which) and every option
/// that changes the numbers.
nlohmann::json training_identity(const Config& config, const TrainOptions& options,
                                 const data::Dataset& dataset);

/// Writes atomically.
void write_state(const std::string& path, const TrainingState& state);

/// Throws Error if the file is damaged, or if it belongs to other data or options, naming what
/// differs. `note` (may be empty) is told when it was computed by anything but `computed_by`.
TrainingState read_state(const std::string& path, const nlohmann::json& identity,
                         const Architecture& sizes, const std::string& computed_by,
                         const std::function<void(const std::string&)>& note);

}  // namespace explainn::model
