#include "cli/data_options.h"

#include <CLI/CLI.hpp>

#include "cli/parse.h"
#include "data/splits.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

constexpr const char* kDataGroup = "Data";

std::set<std::string> name_set(const std::string& text, const std::string& option) {
  const std::vector<std::string> names = split_list(text, option);
  return {names.begin(), names.end()};
}

}  // namespace

void add_column_options(CLI::App& app, DataOptions& options, bool with_labels) {
  if (with_labels) {
    app.add_option("--targets", options.targets, "Label columns to use, a,b,c [all numeric ones]")
        ->type_name("NAMES")
        ->group(kDataGroup);
    app.add_option("--ignore", options.ignore, "Columns that are not labels, a,b,c")
        ->type_name("NAMES")
        ->group(kDataGroup);
  }
  app.add_option("--sequence-column,--seq-column", options.sequence_column,
                 "Column of sequences [seq or sequence]")
      ->type_name("NAME")
      ->group(kDataGroup);
  app.add_option("--id-column", options.id_column,
                 "Column of ids [id, an unnamed first one, or the row's number]")
      ->type_name("NAME")
      ->group(kDataGroup);
  app.add_flag("--drop-n", options.drop_unknown, "Leave out sequences with an unknown base")
      ->group(kDataGroup);
}

void add_two_file_options(CLI::App& app, DataOptions& options,
                          const std::vector<CLI::Option*>& files) {
  CLI::Option* positives =
      app.add_option("--positives", options.positives, "FASTA of sequences labelled 1")
          ->type_name("FASTA")
          ->group(kDataGroup);
  CLI::Option* negatives =
      app.add_option("--negatives", options.negatives, "FASTA of sequences labelled 0")
          ->type_name("FASTA")
          ->group(kDataGroup);
  positives->needs(negatives);
  negatives->needs(positives);
  for (CLI::Option* file : files) {
    positives->excludes(file);
    negatives->excludes(file);
  }
}

void add_chromosome_options(CLI::App& app, DataOptions& options) {
  app.add_option("--valid-chroms", options.valid_chroms, "Chromosomes of the validation set, a,b")
      ->type_name("NAMES")
      ->group(kDataGroup);
  app.add_option("--test-chroms", options.test_chroms, "Chromosomes of the test set, a,b")
      ->type_name("NAMES")
      ->group(kDataGroup);
}

void add_split_option(CLI::App& app, DataOptions& options, const std::string& standard) {
  app.add_option("--split", options.split,
                 "train, valid, test or all [" + standard + " if the data have it, else all]")
      ->type_name("SPLIT")
      ->group(kDataGroup);
}

data::ReadOptions read_options(const DataOptions& options,
                               std::optional<model::Criterion> criterion,
                               const std::vector<std::string>& model_targets) {
  data::ReadOptions reading;
  reading.targets = split_list(options.targets, "--targets");
  reading.ignore = split_list(options.ignore, "--ignore");
  reading.sequence_column = options.sequence_column;
  reading.id_column = options.id_column;
  reading.drop_unknown = options.drop_unknown;
  reading.model_targets = model_targets;
  reading.valid_chroms = name_set(options.valid_chroms, "--valid-chroms");
  reading.test_chroms = name_set(options.test_chroms, "--test-chroms");
  if (criterion) {
    reading.kind = model::label_kind(*criterion);
    reading.range = model::label_range(*criterion);
  }
  return reading;
}

data::Dataset read_labelled(const std::string& path, const DataOptions& options,
                            const data::ReadOptions& reading) {
  if (options.positives.empty()) {
    if (path.empty()) throw UsageError("name a data file, or --positives and --negatives");
    return data::read_dataset(path, reading);
  }
  const std::vector<std::string>& names =
      reading.model_targets.empty() ? reading.targets : reading.model_targets;
  if (reading.kind == data::LabelKind::classes || names.size() > 1) {
    throw UsageError(
        "--positives and --negatives make one task of 0 and 1, not several or classes");
  }
  const std::string target = names.empty() ? "positive" : names[0];
  return data::read_positives_negatives(options.positives, options.negatives, target, reading);
}

std::vector<std::uint32_t> chosen_rows(const data::Dataset& dataset, const DataOptions& options,
                                       data::Split standard) {
  if (options.split == "all") return dataset.rows(std::nullopt);
  if (options.split.empty()) {
    std::vector<std::uint32_t> rows = dataset.rows(standard);
    return rows.empty() ? dataset.rows(std::nullopt) : rows;
  }
  const auto split = data::split_by_name(options.split);
  if (!split) {
    throw UsageError(cat("--split ", options.split, ": give train, valid, test or all"));
  }
  const std::string& path = dataset.inputs.at(0).path;
  if (dataset.splits.empty()) {
    fail_at(path, 0, "the data have no splits, so there is no --split ", options.split,
            "; leave it out, or name --valid-chroms and --test-chroms");
  }
  std::vector<std::uint32_t> rows = dataset.rows(split);
  if (rows.empty()) fail_at(path, 0, "no sequence belongs to --split ", options.split);
  return rows;
}

}  // namespace explainn::cli
