// The options of explainn train.
#pragma once

#include <optional>
#include <string>

#include "cli/cli11_forward.h"
#include "cli/common_options.h"
#include "cli/data_options.h"
#include "model/trainer.h"

namespace explainn::cli {

/// Share of the training sequences that validates when the data have no splits.
inline constexpr double kValidFraction = 0.1;

struct TrainArguments {
  CommonOptions common;
  DataOptions data;
  std::string train;
  std::string valid;
  std::string folder;
  std::optional<double> valid_fraction;
  std::string model = "explainn";
  std::string criterion;
  std::string optimizer = "adam";
  std::string input_length = "auto";
  bool rev_complement = false;
  model::Architecture sizes;
  model::TrainOptions options;
};

/// Adds all options to `app`; the values land in `arguments`, which must outlive it.
void add_train_options(CLI::App& app, TrainArguments& arguments);

/// Checks what can be checked without the data and completes `arguments.options`. Throws
/// UsageError.
model::Criterion check_arguments(TrainArguments& arguments);

/// The number in --input-length, nothing for `auto`. Throws UsageError for another text.
std::optional<std::int64_t> given_length(const std::string& text);

}  // namespace explainn::cli
