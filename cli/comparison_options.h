// How motifs are compared, as tomtom and modes take it from the command line.
#pragma once

#include <string>

#include "cli/cli11_forward.h"
#include "cli/run_log.h"
#include "model/motif/comparison.h"

namespace explainn::cli {

struct ComparisonArguments {
  model::ComparisonOptions options;  ///< but for what stands below
  std::string distance = "ed";
  bool one_strand = false;
};

/// --dist, --min-overlap, --motif-pseudo and --no-rc.
void add_comparison_options(CLI::App& app, ComparisonArguments& a);

/// Throws UsageError for options out of range.
model::ComparisonOptions comparison_options(const ComparisonArguments& a);

/// Names on stderr those motifs whose matches mean nothing; `so` says what follows from it.
void warn_of_uninformative(const RunLog& log, const std::vector<data::Motif>& motifs,
                           const std::string& so);

}  // namespace explainn::cli
