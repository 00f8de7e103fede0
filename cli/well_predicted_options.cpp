#include "cli/well_predicted_options.h"

#include <CLI/CLI.hpp>
#include <cmath>

#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

void check_percentile(const char* option, const std::optional<double>& value) {
  if (value && !(*value > 0 && *value <= 100)) {
    throw UsageError(cat(option, " ", *value, ": give a percentage above 0, 100 at most"));
  }
}

}  // namespace

model::WellPredicted well_predicted_rule(const WellPredictedOptions& a, model::Criterion criterion,
                                         std::int64_t tasks) {
  using Rule = model::WellPredicted::Rule;
  model::WellPredicted rule = model::default_rule(criterion, tasks);
  check_percentile("--percentile-top", a.percentile_top);
  check_percentile("--percentile-bottom", a.percentile_bottom);
  if (a.correlation && !(std::abs(*a.correlation) <= 1)) {
    throw UsageError(cat("--correlation ", *a.correlation, ": give a number from -1 to 1"));
  }
  if (a.num_sequences && *a.num_sequences < 1) {
    throw UsageError(cat("--num-well-pred-seqs ", *a.num_sequences, ": give 1 or more"));
  }
  const auto choose = [&rule](Rule chosen, double value) {
    rule.rule = chosen;
    rule.value = value;
  };
  if (a.exact_match) choose(Rule::exact_match, 0);
  if (a.correlation) choose(Rule::correlation, *a.correlation);
  if (a.percentile_top) choose(Rule::percentile_top, *a.percentile_top);
  if (a.percentile_bottom) choose(Rule::percentile_bottom, *a.percentile_bottom);
  rule.at_most = a.num_sequences;
  return rule;
}

void add_well_predicted_options(CLI::App& app, WellPredictedOptions& a) {
  const std::string group = "Which sequences count as well predicted";
  CLI::Option* exact = app.add_flag("--exact-match", a.exact_match,
                                    "All labels right [standard for binary tasks and classes]");
  CLI::Option* correlation =
      app.add_option("--correlation", a.correlation,
                     "Correlation above X across tasks [standard for three values or more: 0.75]")
          ->type_name("X");
  CLI::Option* top = app.add_option("--percentile-top", a.percentile_top,
                                    "In the top N % of labels and predictions [else: 10]")
                         ->type_name("N");
  CLI::Option* bottom = app.add_option("--percentile-bottom", a.percentile_bottom,
                                       "In the bottom N % of labels and predictions")
                            ->type_name("N");
  const std::vector<CLI::Option*> rules = {exact, correlation, top, bottom};
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i]->group(group);
    for (std::size_t j = i + 1; j < rules.size(); ++j) rules[i]->excludes(rules[j]);
  }
  app.add_option("--num-well-pred-seqs", a.num_sequences, "Sample so many of them [all]")
      ->type_name("N")
      ->group(group);
}

}  // namespace explainn::cli
