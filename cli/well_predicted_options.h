// Options about which sequences count as well predicted.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/cli11_forward.h"
#include "model/interpret/interpretation.h"

namespace explainn::cli {

struct WellPredictedOptions {
  bool exact_match = false;
  std::optional<double> correlation;
  std::optional<double> percentile_top;
  std::optional<double> percentile_bottom;
  std::optional<std::int64_t> num_sequences;
};

/// Adds --exact-match, --correlation, --percentile-top, --percentile-bottom (one at most) and
/// --num-well-pred-seqs.
void add_well_predicted_options(CLI::App& app, WellPredictedOptions& options);

/// What they ask for, or what suits the model. Throws UsageError for values out of range.
model::WellPredicted well_predicted_rule(const WellPredictedOptions& options,
                                         model::Criterion criterion, std::int64_t tasks);

}  // namespace explainn::cli
