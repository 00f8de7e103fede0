// Options about labelled data, and the reading they ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11_forward.h"
#include "data/dataset.h"
#include "model/config.h"

namespace explainn::cli {

struct DataOptions {
  std::string targets;
  std::string ignore;
  std::string sequence_column;
  std::string id_column;
  bool drop_unknown = false;
  std::string positives;
  std::string negatives;
  std::string valid_chroms;
  std::string test_chroms;
  std::string split;
};

/// Adds the options about which columns are what, and --drop-n.
void add_column_options(CLI::App& app, DataOptions& options, bool with_labels);
/// Adds --positives and --negatives, given instead of `files`.
void add_two_file_options(CLI::App& app, DataOptions& options,
                          const std::vector<CLI::Option*>& files);
/// Adds --valid-chroms and --test-chroms.
void add_chromosome_options(CLI::App& app, DataOptions& options);
/// Adds --split; `standard` says what is taken without it.
void add_split_option(CLI::App& app, DataOptions& options, const std::string& standard);

/// What the options mean for the readers. `model_targets` are the names a trained model knows.
data::ReadOptions read_options(const DataOptions& options,
                               std::optional<model::Criterion> criterion,
                               const std::vector<std::string>& model_targets);

/// Reads `path`, or the two files of --positives and --negatives. Throws UsageError if there is
/// neither.
data::Dataset read_labelled(const std::string& path, const DataOptions& options,
                            const data::ReadOptions& reading);

/// The rows of --split; without it those of `standard`, or all if the data have none such. Throws
/// Error if no row is left.
std::vector<std::uint32_t> chosen_rows(const data::Dataset& dataset, const DataOptions& options,
                                       data::Split standard);

}  // namespace explainn::cli
