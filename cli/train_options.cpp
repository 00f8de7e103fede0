#include "cli/train_options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/base/nearest.h"

namespace explainn::cli {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// `given` in lower case if it is one of `names`; else an error that lists them.
std::string known_name(const std::string& option, const std::string& given,
                       const std::vector<std::string>& names) {
  const std::string lower = CLI::detail::to_lower(given);
  for (const std::string& name : names) {
    if (name == lower) return lower;
  }
  const std::string near = nearest_name(lower, names);
  throw UsageError(cat(option, " ", given, ": ", near.empty() ? "" : "did you mean " + near + "? ",
                       "There ", names.size() == 1 ? "is " : "are ", listed(names)));
}

void check(bool ok, const std::string& message) {
  if (!ok) throw UsageError(message);
}

void add_model_options(CLI::App& app, TrainArguments& a) {
  const std::string group = "Model";
  app.add_option("--model", a.model, "Kind of network (explainn)")->group(group);
  app.add_option("--criterion", a.criterion, "Loss: " + listed(model::criterion_names()))
      ->required()
      ->type_name("NAME")
      ->group(group);
  app.add_option("--num-units", a.sizes.num_units, "Independent units, one filter each")
      ->group(group);
  app.add_option("--filter-size", a.sizes.filter_size, "Length of a filter")->group(group);
  app.add_option("--num-fc", a.sizes.num_fc, "Layers of a unit after its pool, 0 to 8")
      ->group(group);
  app.add_option("--pool-size", a.sizes.pool_size, "Width of the max pool")->group(group);
  app.add_option("--pool-stride", a.sizes.pool_stride, "Step of the max pool")->group(group);
  app.add_option("--input-length", a.input_length,
                 "Length that sequences are cropped or padded to; auto: the most frequent one")
      ->group(group);
}

void add_training_options(CLI::App& app, TrainArguments& a) {
  const std::string group = "Training";
  app.add_option("--lr", a.options.optimizer.lr, "Learning rate")->group(group);
  app.add_option("--optimizer", a.optimizer, "adam or sgd")->group(group);
  app.add_option("--momentum", a.options.optimizer.momentum, "Momentum of sgd")->group(group);
  app.add_option("--batch-size", a.options.batch_size, "Samples a step")->group(group);
  app.add_option("--num-epochs", a.options.num_epochs, "Maximum number of epochs")->group(group);
  app.add_option("--patience", a.options.patience,
                 "Stop after so many epochs without improvement; 0: never")
      ->group(group);
  app.add_flag("--rev-complement", a.rev_complement, "Train on both strands")->group(group);
  app.add_flag("--trim-weights", a.options.trim_weights, "Keep the final weights at 0 or above")
      ->group(group);
  app.add_option("--checkpoint", a.options.checkpoint_every,
                 "Keep the model of every N-th epoch; 0: only the best")
      ->group(group);
  app.add_flag("--resume", a.options.resume, "Continue the run in this folder, if it holds one")
      ->group(group);
}

}  // namespace

void add_train_options(CLI::App& app, TrainArguments& a) {
  CLI::Option* train =
      app.add_option("TRAIN", a.train, "Table of sequences and labels (.tsv, .csv, gzip or not)")
          ->type_name("FILE");
  CLI::Option* valid =
      app.add_option("VALID", a.valid, "The same for validation, unless TRAIN has a column set")
          ->type_name("FILE");
  app.add_option("-o,--output-dir", a.folder, "Folder for the results")
      ->required()
      ->type_name("DIR");
  add_model_options(app, a);
  add_training_options(app, a);
  add_column_options(app, a.data, true);
  add_two_file_options(app, a.data, {train, valid});
  app.add_option("--valid-fraction", a.valid_fraction,
                 cat("Share of the sequences that validates if the data have no splits [",
                     kValidFraction, "]"))
      ->group("Data");
  add_chromosome_options(app, a.data);
  add_common_options(app, a.common, true, true);
  add_computation_option(app, a.common);
}

std::optional<std::int64_t> given_length(const std::string& text) {
  if (text == "auto") return std::nullopt;
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UsageError(cat("--input-length ", text, ": give a whole number or auto"));
  }
  return length;
}

model::Criterion check_arguments(TrainArguments& a) {
  known_name("--model", a.model, {"explainn"});
  const std::string optimizer = known_name("--optimizer", a.optimizer, {"adam", "sgd"});
  model::TrainOptions& options = a.options;
  options.computation = computation(a.common);
  options.optimizer.kind =
      optimizer == "sgd" ? engine::OptimizerKind::sgd : engine::OptimizerKind::adam;
  check(std::isfinite(options.optimizer.momentum) && options.optimizer.momentum >= 0 &&
            options.optimizer.momentum < 1,
        cat("--momentum ", options.optimizer.momentum, " must lie in [0, 1)"));
  check(options.optimizer.momentum == 0 || optimizer == "sgd",
        "--momentum belongs to --optimizer sgd");
  check(options.batch_size >= 2,
        cat("--batch-size ", options.batch_size, " must be at least 2: batch norm needs two rows"));
  check(options.num_epochs >= 1, cat("--num-epochs ", options.num_epochs, " must be at least 1"));
  check(options.patience >= 0, cat("--patience ", options.patience, " must be 0 or more"));
  check(options.checkpoint_every >= 0,
        cat("--checkpoint ", options.checkpoint_every, " must be 0 or more"));
  given_length(a.input_length);
  return model::criterion_from(CLI::detail::to_lower(a.criterion));
}

}  // namespace explainn::cli
