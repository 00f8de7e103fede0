// The training loop: epochs, early stopping, resume states, and every number of training.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/model_file.h"
#include "model/network.h"

namespace explainn::model {

struct TrainOptions {
  engine::OptimizerSettings optimizer;
  bool trim_weights = false;
  std::int64_t batch_size = 100;
  std::int64_t num_epochs = 100;
  std::int64_t patience = 10;         ///< 0: never stop early
  std::int64_t checkpoint_every = 0;  ///< keep model_epoch_<E>.safetensors every N epochs; 0: none
  bool resume = false;
  double state_interval_seconds = 60;
  Computation computation = Computation::fused;
  Device device = {};
  DeviceOptions on_device = {};
};

struct EpochResult {
  std::int64_t epoch;  ///< from 1
  double train_loss;
  double valid_loss;
  bool improved;
};

struct TrainProgress {
  std::int64_t epoch;    ///< from 1
  std::int64_t samples;  ///< done in this epoch
  std::int64_t of;       ///< samples an epoch
  double loss;           ///< mean so far in this epoch
};

/// What the caller may want to know or decide while training runs. All may be empty.
struct TrainHooks {
  std::function<void(const TrainProgress&)> progress;  ///< after every step; on a GPU after many
  std::function<void(const EpochResult&)> epoch_done;
  std::function<void(const std::string&)> note;  ///< e.g. a different instruction set on resume
  std::function<bool()> stop;                    ///< as often; true: write a state and return
};

struct TrainSummary {
  enum class End { finished, patience, stopped, already_finished };
  End end;
  std::vector<EpochResult> epochs;  ///< all of the run, those before a resume included
  std::int64_t best_epoch = 0;      ///< 0: none yet
  double best_valid_loss = 0;
  std::int64_t steps = 0;
};

/// Trains `config` on the train rows of `dataset`, judged on its valid rows, and writes into
/// `folder` (which exists): model.safetensors (the best epoch's weights, after every improvement),
/// checkpoint/state.safetensors, losses.tsv, model_epoch_<E>.safetensors as asked. Throws Error
/// when a loss is not finite (naming epoch and batch), UsageError when the data are too small.
TrainSummary train(const Config& config, const TrainOptions& options, const data::Dataset& dataset,
                   const std::string& folder, const TrainHooks& hooks);

/// Mean loss in evaluation mode over `rows` of `dataset` (both strands as separate samples if the
/// model was trained so). NaN if none of them has a label.
double evaluation_loss(Network& network, const Config& config, const data::Dataset& dataset,
                       std::span<const std::uint32_t> rows);

}  // namespace explainn::model
