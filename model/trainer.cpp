#include "model/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "kernels/base/instruction_set.h"
#include "model/samples.h"
#include "model/training_state.h"

namespace explainn::model {
namespace {

using Clock = std::chrono::steady_clock;

std::string losses_table(const std::vector<EpochResult>& history) {
  std::string text = "Epoch\tTrain loss\tValidation loss\n";
  char line[96];
  for (const EpochResult& epoch : history) {
    std::snprintf(line, sizeof line, "%lld\t%.9g\t%.9g\n", static_cast<long long>(epoch.epoch),
                  epoch.train_loss, epoch.valid_loss);
    text += line;
  }
  return text;
}

class Training {
 public:
  Training(const Config& config, const TrainOptions& options, const data::Dataset& dataset,
           std::string folder, const TrainHooks& hooks)
      : config_(config),
        options_(options),
        dataset_(dataset),
        folder_(std::move(folder)),
        hooks_(hooks),
        train_rows_(dataset.rows(data::Split::train)),
        valid_rows_(dataset.rows(data::Split::valid)),
        samples_(dataset, train_rows_, config.rev_complement, config.sizes.input_length),
        valid_samples_(dataset, valid_rows_, config.rev_complement, config.sizes.input_length),
        plan_(checked_plan()),
        state_file_(folder_ + "/checkpoint/state.safetensors") {}

  TrainSummary run() {
    prepare_folder();
    start();
    if (finished()) return summary(TrainSummary::End::already_finished);
    while (!finished()) {
      if (!run_epoch()) return summary(TrainSummary::End::stopped);
    }
    const bool all = state_.epochs_done >= options_.num_epochs;
    return summary(all ? TrainSummary::End::finished : TrainSummary::End::patience);
  }

 private:
  BatchPlan checked_plan() const {
    if (options_.batch_size < 2) {
      throw UsageError(cat("--batch-size ", options_.batch_size,
                           " must be at least 2: batch normalisation needs two rows"));
    }
    if (samples_.size() < 2) {
      throw UsageError(cat("training needs at least two sequences, but there ",
                           samples_.size() == 1 ? "is one" : "are none"));
    }
    if (valid_rows_.empty())
      throw UsageError("training needs validation sequences; there are none");
    const bool judged = std::any_of(valid_rows_.begin(), valid_rows_.end(), [&](std::uint32_t row) {
      const auto labels = dataset_.row_labels(row);
      return std::any_of(labels.begin(), labels.end(), [](float y) { return !std::isnan(y); });
    });
    if (!judged) throw UsageError("no validation sequence has a label, so no epoch can be judged");
    return {samples_.size(), options_.batch_size};
  }

  // Makes the folder of the state, and clears away what a killed run was writing when it died.
  void prepare_folder() const {
    namespace fs = std::filesystem;
    const std::string folder = folder_ + "/checkpoint";
    std::error_code error;
    fs::create_directories(folder, error);
    if (!fs::is_directory(folder)) {
      throw Error(cat(folder, ": cannot make this folder (", error.message(), ")"));
    }
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".state.safetensors.")) fs::remove(entry.path(), error);
    }
  }

  // From the resume state if there is one and it was asked for, else from the beginning.
  void start() {
    const nlohmann::json identity = training_identity(config_, options_, dataset_);
    const bool resume = options_.resume && std::filesystem::exists(state_file_);
    if (resume) {
      state_ = read_state(state_file_, identity, config_.sizes, computed_by(), hooks_.note);
    } else {
      state_.identity = identity;
      state_.weights = initial_weights(config_.sizes, config_.seed);
    }
    const TrainingSettings settings{.criterion = *config_.criterion,
                                    .optimizer = options_.optimizer,
                                    .trim_weights = options_.trim_weights,
                                    .seed = config_.seed};
    network_ = make_network(config_.sizes, state_.weights, settings, options_.computation,
                            options_.device, options_.on_device);
    if (resume) {
      network_->set_optimizer_state(state_.optimizer);
      write_results();  // they may have been lost, or be ahead of the state
    }
    last_state_ = Clock::now();
  }

  // Equal bytes are promised for equal ones.
  std::string computed_by() const {
    return options_.device.kind == DeviceKind::cuda ? "cuda" : std::string(instruction_set());
  }

  bool finished() const {
    if (state_.epochs_done >= options_.num_epochs) return true;
    return options_.patience > 0 && state_.best_epoch > 0 &&
           state_.epochs_done - state_.best_epoch >= options_.patience;
  }

  // One epoch from where it stands; false if it was interrupted.
  bool run_epoch() {
    while (state_.batches_done < plan_.count()) {
      run_batches();
      const bool stop = hooks_.stop && hooks_.stop();
      const std::chrono::duration<double> since = Clock::now() - last_state_;
      if (stop || since.count() >= options_.state_interval_seconds) save_state();
      if (stop) return false;
    }
    finish_epoch();
    return true;
  }

  void run_batches() {
    const std::int64_t count =
        std::min(network_->batches_at_once(), plan_.count() - state_.batches_done);
    const BatchesDone done =
        network_->train_batches({.samples = samples_,
                                 .plan = plan_,
                                 .seed = config_.seed,
                                 .epoch = static_cast<std::uint32_t>(state_.epochs_done),
                                 .first = state_.batches_done,
                                 .count = count,
                                 .step = static_cast<std::uint32_t>(state_.step),
                                 .before = state_.running});
    if (!std::isfinite(done.loss.sum)) {
      throw Error(cat("epoch ", state_.epochs_done + 1, ", batch ",
                      state_.batches_done + done.batches, " of ", plan_.count(),
                      ": the training loss is not finite; try a smaller --lr (it is ",
                      options_.optimizer.lr, ") and look for labels of extreme size"));
    }
    state_.running = done.loss;
    state_.batches_done += done.batches;
    state_.step += done.batches;
    if (hooks_.progress) {
      hooks_.progress({.epoch = state_.epochs_done + 1,
                       .samples = plan_.end(state_.batches_done - 1),
                       .of = samples_.size(),
                       .loss = state_.running.mean()});
    }
  }

  void finish_epoch() {
    const double valid = network_->evaluation_loss(valid_samples_, *config_.criterion).mean();
    if (!std::isfinite(valid)) {
      throw Error(cat("epoch ", state_.epochs_done + 1,
                      ": the validation loss is not finite; try a smaller --lr (it is ",
                      options_.optimizer.lr,
                      ") and check that the validation sequences have labels"));
    }
    ++state_.epochs_done;
    const bool improved = state_.best_epoch == 0 || valid < state_.best_valid_loss;
    state_.history.push_back({state_.epochs_done, state_.running.mean(), valid, improved});
    state_.batches_done = 0;
    state_.running = {};
    if (improved) {
      state_.best_epoch = state_.epochs_done;
      state_.best_valid_loss = valid;
      state_.best = network_->weights();
      check_finite(state_.best);
    }
    write_results();
    if (options_.checkpoint_every > 0 && state_.epochs_done % options_.checkpoint_every == 0) {
      write_model(cat(folder_, "/model_epoch_", state_.epochs_done, ".safetensors"),
                  {config_, network_->weights()});
    }
    save_state();
    if (hooks_.epoch_done) hooks_.epoch_done(state_.history.back());
  }

  void write_results() const {
    if (state_.best_epoch > 0) write_model(folder_ + "/model.safetensors", {config_, state_.best});
    data::write_file(folder_ + "/losses.tsv", losses_table(state_.history));
  }

  // A loss may still be finite when gradients are not; such weights could never be read again.
  void check_finite(const Weights& weights) const {
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
      if (std::all_of(weights.values[i].begin(), weights.values[i].end(),
                      [](float value) { return std::isfinite(value); })) {
        continue;
      }
      throw Error(cat("step ", state_.step, ": the weights ", weights.specs[i].name,
                      " are not finite any more; try a smaller --lr (it is ", options_.optimizer.lr,
                      ") and look for labels of extreme size"));
    }
  }

  // Always after the results: a run killed in between repeats the epoch and writes them again.
  void save_state() {
    state_.weights = network_->weights();
    check_finite(state_.weights);
    state_.optimizer = network_->optimizer_state();
    state_.computed_by = computed_by();
    write_state(state_file_, state_);
    last_state_ = Clock::now();
  }

  TrainSummary summary(TrainSummary::End end) const {
    return {end, state_.history, state_.best_epoch, state_.best_valid_loss, state_.step};
  }

  const Config& config_;
  const TrainOptions& options_;
  const data::Dataset& dataset_;
  std::string folder_;
  const TrainHooks& hooks_;
  std::vector<std::uint32_t> train_rows_;
  std::vector<std::uint32_t> valid_rows_;
  SampleSet samples_;
  SampleSet valid_samples_;
  BatchPlan plan_;
  std::string state_file_;
  TrainingState state_;
  std::unique_ptr<Network> network_;
  Clock::time_point last_state_;
};

}  // namespace

TrainSummary train(const Config& config, const TrainOptions& options, const data::Dataset& dataset,
                   const std::string& folder, const TrainHooks& hooks) {
  return Training(config, options, dataset, folder, hooks).run();
}

double evaluation_loss(Network& network, const Config& config, const data::Dataset& dataset,
                       std::span<const std::uint32_t> rows) {
  const SampleSet samples(dataset, rows, config.rev_complement, config.sizes.input_length);
  return network.evaluation_loss(samples, *config.criterion).mean();
}

}  // namespace explainn::model
