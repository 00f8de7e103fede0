// explainn interpret: the motifs that the filters answer to, and how much each unit matters.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/gzip_file.h"
#include "cli/model_use.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/interpret/interpretation.h"

namespace explainn::cli {
namespace {

constexpr const char* kAllImportances = "importances.tsv.gz";

struct InterpretArguments {
  CommonOptions common;
  DataOptions data;
  std::string model;
  std::string file;
  std::string folder;
  bool exact_match = false;
  std::optional<double> correlation;
  std::optional<double> percentile_top;
  std::optional<double> percentile_bottom;
  std::optional<std::int64_t> num_sequences;
  bool all_importances = false;
};

void check_percentile(const char* option, const std::optional<double>& value) {
  if (value && !(*value > 0 && *value <= 100)) {
    throw UsageError(cat(option, " ", *value, ": give a percentage above 0, 100 at most"));
  }
}

model::WellPredicted rule_from(const InterpretArguments& a, const model::Model& model,
                               model::Criterion criterion) {
  using Rule = model::WellPredicted::Rule;
  model::WellPredicted rule = model::default_rule(criterion, model.config.sizes.num_tasks);
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

// A table `filter <tasks>` of [U, T] numbers.
template <typename Value>
std::string filter_table(const model::Config& config, const Value& value,
                         const Invocation& invocation) {
  std::string text;
  TableWriter table([&text](std::string_view bytes) { text += bytes; });
  table.text("filter");
  for (const std::string& target : config.targets) table.text(target);
  table.end_row();
  for (std::int64_t u = 0; u < config.sizes.num_units; ++u) {
    table.text("filter" + std::to_string(u));
    for (std::int64_t t = 0; t < config.sizes.num_tasks; ++t) table.number(value(u, t));
    table.end_row();
  }
  table.finish(invocation);
  return text;
}

void write_tables(const InterpretArguments& a, const model::Model& model,
                  const model::Interpretation& result, const Invocation& invocation) {
  const model::Config& config = model.config;
  const std::vector<float>& weight = model.weights.at("final.weight");
  data::write_file(in_folder(a.folder, "filters.meme"), data::meme_text(result.motifs));
  data::write_file(in_folder(a.folder, "weights.tsv"),
                   filter_table(
                       config,
                       [&](std::int64_t u, std::int64_t t) {
                         return weight[static_cast<std::size_t>(t * config.sizes.num_units + u)];
                       },
                       invocation));
  data::write_file(
      in_folder(a.folder, "importances.tsv"),
      filter_table(
          config,
          [&](std::int64_t u, std::int64_t t) {
            return result
                .median_importance[static_cast<std::size_t>(u * config.sizes.num_tasks + t)];
          },
          invocation));
}

void write_all_importances(const InterpretArguments& a, model::Predictor& predictor,
                           const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                           const model::Interpretation& result, const Invocation& invocation) {
  GzipFile file(in_folder(a.folder, kAllImportances));
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  table.text("filter").text("sequence").text("strand");
  for (const std::string& target : predictor.model().config.targets) table.text(target);
  table.end_row();
  const std::vector<float> threshold = model::site_thresholds(result.max_activation);
  model::each_importance(predictor, dataset, rows, threshold,
                         [&](std::int64_t filter, std::string_view sequence, data::Strand strand,
                             std::span<const double> importances) {
                           check_interrupted();
                           table.text("filter" + std::to_string(filter)).text(sequence);
                           table.text(strand == data::Strand::forward ? "+" : "-");
                           for (const double value : importances) table.number(value);
                           table.end_row();
                         });
  table.finish(invocation);
  file.commit();
}

void name_silent_filters(const RunLog& log, const model::Interpretation& result) {
  std::string silent;
  for (std::size_t u = 0; u < result.sites.size(); ++u) {
    if (result.sites[u] > 0) continue;
    silent += (silent.empty() ? "filter" : ", filter") + std::to_string(u);
  }
  if (!silent.empty()) {
    log.warn("without any site, so not in filters.meme: " + silent);
  }
}

std::vector<std::string> outputs(const InterpretArguments& a) {
  std::vector<std::string> paths;
  for (const char* name : {"filters.meme", "weights.tsv", "importances.tsv", "run.json"}) {
    paths.push_back(in_folder(a.folder, name));
  }
  if (a.all_importances) paths.push_back(in_folder(a.folder, kAllImportances));
  return paths;
}

int run(const InterpretArguments& a, const Invocation& invocation) {
  const RunLog log(invocation, a.common, true);
  refuse_existing(outputs(a), a.common);
  const model::Model model = load_model(a.model);
  const model::Criterion criterion = criterion_of(model, a.model);
  const model::WellPredicted rule = rule_from(a, model, criterion);
  const data::Dataset dataset =
      read_labelled(a.file, a.data, read_options(a.data, criterion, model.config.targets));
  const auto rows = chosen_rows(dataset, a.data, data::Split::train);

  catch_signals(/*user_signal=*/false);
  model::Predictor predictor(model, computation(a.common), log.device());
  const auto trusted = model::well_predicted_rows(predictor, dataset, rows, rule, a.common.seed);
  log.say(std::to_string(trusted.size()) + " of " +
          counted(static_cast<std::int64_t>(rows.size()), "sequence") + " count as well predicted");
  Progress progress(a.common.quiet);
  progress.start("interpreting", "");
  const model::Interpretation result =
      model::interpret(predictor, dataset, trusted, [&](double fraction) {
        check_interrupted();
        progress.update(static_cast<std::int64_t>(fraction * 1000), 1000);
      });
  progress.clear();

  make_folder(a.folder);
  write_tables(a, model, result, invocation);
  if (a.all_importances) {
    write_all_importances(a, predictor, dataset, trusted, result, invocation);
  }
  std::vector<data::InputFile> inputs = dataset.inputs;
  inputs.insert(inputs.begin(), describe_input(a.model));
  write_run_json(a.folder, log, inputs, "finished");
  name_silent_filters(log, result);
  log.finish("wrote " + in_folder(a.folder, "filters.meme") + " (" +
             counted(static_cast<std::int64_t>(result.motifs.motifs.size()), "motif") +
             "), weights.tsv, importances.tsv" +
             (a.all_importances ? std::string(", ") + kAllImportances : ""));
  return 0;
}

void add_rule_options(CLI::App& app, InterpretArguments& a) {
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

}  // namespace

Action declare_interpret(CLI::App& app) {
  auto a = std::make_shared<InterpretArguments>();
  app.add_option("MODEL", a->model, "model.safetensors")->required()->type_name("FILE");
  CLI::Option* file = app.add_option("DATA", a->file, "Table of sequences and labels, - for stdin")
                          ->type_name("FILE");
  app.add_option("-o,--output-dir", a->folder, "Folder for the results")
      ->required()
      ->type_name("DIR");
  app.add_flag("--all-importances", a->all_importances,
               "Also importances.tsv.gz: every filter in every sequence");
  add_rule_options(app, *a);
  add_split_option(app, a->data, "train");
  add_column_options(app, a->data, true);
  add_two_file_options(app, a->data, {file});
  add_chromosome_options(app, a->data);
  add_common_options(app, a->common, true, true);
  add_computation_option(app, a->common);
  app.footer(
      "Example: explainn interpret trained/model.safetensors data.tsv.gz -o motifs\n"
      "writes filters.meme (one motif a filter), weights.tsv (final weights), importances.tsv\n"
      "(median importance of each filter for each task) and run.json.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
