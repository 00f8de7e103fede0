// explainn train: from labelled sequences to a model.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/lengths.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "cli/train_options.h"
#include "cli/train_report.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/interpret/learning_curve.h"
#include "model/trainer.h"

namespace explainn::cli {
namespace {

namespace fs = std::filesystem;

// Results of an earlier run in this folder.
bool holds_results(const std::string& folder) {
  for (const char* name : {"model.safetensors", "losses.tsv", "run.json", "checkpoint"}) {
    std::error_code error;
    if (fs::exists(fs::path(folder) / name, error)) return true;
  }
  return false;
}

void check_folder(const TrainArguments& a) {
  std::error_code error;
  if (fs::exists(a.folder, error) && !fs::is_directory(a.folder, error)) {
    throw Error(a.folder + ": is no folder; -o names the folder for the results");
  }
  if (!a.common.force && !a.options.resume && holds_results(a.folder)) {
    throw Error(a.folder +
                ": holds the results of another run; --resume continues it, --force begins anew");
  }
}

// What an earlier run left would be mistaken for this one's.
void remove_old_results(const std::string& folder) {
  std::error_code ignored;
  for (const char* name : {"model.safetensors", "losses.tsv", "run.json", "learning-curve.svg",
                           "checkpoint/state.safetensors"}) {
    fs::remove(fs::path(folder) / name, ignored);
  }
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("model_epoch_", 0) == 0 && entry.path().extension() == ".safetensors") {
      fs::remove(entry.path(), ignored);
    }
  }
}

bool has_rows(const data::Dataset& dataset, data::Split split) {
  return !dataset.splits.empty() && !dataset.rows(split).empty();
}

// Sees to it that the data have validation rows.
void settle_validation(data::Dataset& dataset, const TrainArguments& a,
                       const data::ReadOptions& reading) {
  if (!a.valid.empty()) {
    data::ReadOptions like_training = reading;
    if (reading.kind == data::LabelKind::classes) like_training.model_targets = dataset.targets;
    data::add_validation(dataset, data::read_dataset(a.valid, like_training));
    return;
  }
  if (has_rows(dataset, data::Split::valid)) {
    if (a.valid_fraction) {
      throw UsageError("--valid-fraction: the data say already which sequences validate");
    }
    return;
  }
  const double fraction = a.valid_fraction.value_or(kValidFraction);
  if (!(fraction > 0 && fraction < 1)) {
    throw UsageError(cat("--valid-fraction ", fraction,
                         ": training needs validation sequences; give a number between 0 and 1, a "
                         "file VALID, a column set or --valid-chroms"));
  }
  data::assign_validation(dataset, fraction, a.common.seed);
}

std::int64_t input_length(const TrainArguments& a, const data::Dataset& dataset,
                          std::span<const std::uint32_t> rows) {
  const auto given = given_length(a.input_length);
  return given ? *given : most_frequent_length(dataset, rows);
}

model::Config make_config(const TrainArguments& a, const data::Dataset& dataset,
                          model::Criterion criterion, std::span<const std::uint32_t> rows) {
  model::Config config;
  config.sizes = a.sizes;
  config.sizes.input_length = input_length(a, dataset, rows);
  config.sizes.num_tasks = static_cast<std::int64_t>(dataset.targets.size());
  config.criterion = criterion;
  config.targets = dataset.targets;
  config.rev_complement = a.rev_complement;
  config.lr = a.options.optimizer.lr;
  config.seed = a.common.seed;
  model::validate(config);
  return config;
}

void describe(const RunLog& log, const data::Dataset& dataset, const model::Config& config,
              std::span<const std::uint32_t> train, std::span<const std::uint32_t> valid) {
  if (dataset.dropped > 0) {
    log.say(counted(dataset.dropped, "sequence") + " with an unknown base left out (--drop-n)");
  }
  log.say(counted(static_cast<std::int64_t>(train.size()), "training sequence") + ", " +
          std::to_string(valid.size()) + " for validation, length " +
          std::to_string(config.sizes.input_length) + ", " +
          (config.criterion == model::Criterion::cross_entropy
               ? std::to_string(config.sizes.num_tasks) + " classes"
               : counted(config.sizes.num_tasks, "task")));
  constexpr std::size_t kMostNames = 12;
  std::string names;
  for (std::size_t i = 0; i < std::min(kMostNames, config.targets.size()); ++i) {
    names += (i > 0 ? ", " : "") + config.targets[i];
  }
  if (config.targets.size() > kMostNames) names += " ..";
  log.say((config.criterion == model::Criterion::cross_entropy ? "classes: " : "tasks: ") + names);
  LengthCount lengths(config.sizes.input_length);
  lengths.add(dataset, train);
  lengths.add(dataset, valid);
  if (const std::string note = lengths.note(); !note.empty()) log.warn(note);
}

int exit_code(const model::TrainSummary& summary) {
  if (summary.end != model::TrainSummary::End::stopped) return 0;
  return caught_signal() == SIGUSR1 ? 0 : 128 + caught_signal();
}

void write_report(const TrainArguments& a, const RunLog& log, const data::Dataset& dataset,
                  const model::TrainSummary& summary) {
  if (!summary.epochs.empty()) {
    data::write_file(in_folder(a.folder, "learning-curve.svg"),
                     model::learning_curve_svg(summary.epochs));
  }
  const bool stopped = summary.end == model::TrainSummary::End::stopped;
  write_run_json(a.folder, log, dataset.inputs, stopped ? "stopped by a signal" : "finished");
}

int run(TrainArguments& a, const Invocation& invocation) {
  const model::Criterion criterion = check_arguments(a);
  check_folder(a);
  const RunLog log(invocation, a.common, true);
  a.options.device = log.device();
  const data::ReadOptions reading = read_options(a.data, criterion, {});
  data::Dataset dataset = read_labelled(a.train, a.data, reading);
  settle_validation(dataset, a, reading);
  const auto train_rows = dataset.rows(data::Split::train);
  const auto valid_rows = dataset.rows(data::Split::valid);
  data::check_trainable(dataset, train_rows);
  const model::Config config = make_config(a, dataset, criterion, train_rows);
  describe(log, dataset, config, train_rows, valid_rows);

  make_folder(a.folder);
  if (a.common.force && !a.options.resume) remove_old_results(a.folder);
  catch_signals(/*user_signal=*/true);
  TrainReport report(log);
  const model::TrainSummary summary =
      model::train(config, a.options, dataset, a.folder, report.hooks());
  write_report(a, log, dataset, summary);
  log.finish(report.closing(summary, a.folder));
  return exit_code(summary);
}

}  // namespace

Action declare_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  add_train_options(app, *arguments);
  app.footer(
      "Example: explainn train data.tsv.gz -o trained --criterion bcewithlogits --rev-complement\n"
      "writes trained/model.safetensors (the best epoch), losses.tsv, learning-curve.svg, "
      "run.json\n"
      "and checkpoint/, from which --resume continues after a stop.");
  return [arguments](const Invocation& invocation) { return run(*arguments, invocation); };
}

}  // namespace explainn::cli
