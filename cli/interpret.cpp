// explainn interpret: the motifs that the filters answer to, and how much each unit matters.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/filter_names.h"
#include "cli/interpret_report.h"
#include "cli/interpret_tables.h"
#include "cli/mode_tables.h"
#include "cli/model_use.h"
#include "cli/report_folder.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "cli/well_predicted_options.h"
#include "data/atomic_file.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/interpret/annotation.h"
#include "model/report/report.h"

namespace explainn::cli {
namespace {

struct InterpretArguments {
  CommonOptions common;
  DataOptions data;
  std::string model;
  std::string file;
  std::string folder;
  WellPredictedOptions rule;
  bool all_importances = false;
  bool instances = false;
  bool no_report = false;
  bool figures = false;
  std::string known;
  double q_value = 0.05;
  std::string distance = "ed";
};

void name_silent_filters(const RunLog& log, const model::Interpretation& result) {
  std::string silent;
  for (std::size_t u = 0; u < result.sites.size(); ++u) {
    if (result.sites[u] == 0) silent += (silent.empty() ? "" : ", ") + filter_name(u);
  }
  if (!silent.empty()) {
    log.warn("without any site, so not in filters.meme: " + silent);
  }
}

std::vector<std::string> outputs(const InterpretArguments& a) {
  std::vector<std::string> names = {"filters.meme", "filters.tsv", "weights.tsv",
                                    "importances.tsv"};
  if (!a.known.empty()) names.emplace_back(kMatches);
  if (a.all_importances) names.emplace_back(kAllImportances);
  if (a.instances) names.emplace_back(kInstances);
  names.emplace_back(kModes);
  names.emplace_back(kArchetypes);
  if (!a.no_report) {
    names.emplace_back(kEffects);
    names.emplace_back(model::report::kFactsFile);
    names.emplace_back(model::report::kReportFile);
  }
  return names;
}

// Its report would show them as those of the filters it writes over.
void refuse_discovered(const InterpretArguments& a) {
  if (model::report::holds_discovered(a.folder)) {
    fail_at(in_folder(a.folder, model::report::kDiscoveredFile), 0,
            "holds motifs that explainn discover found with other filters; give another "
            "folder");
  }
}

void check_outputs(const InterpretArguments& a) {
  refuse_discovered(a);
  refuse_existing_in(a.folder, outputs(a), a.common);
  if (a.figures) refuse_figures(a.folder, a.common);
}

void write_tables(const InterpretArguments& a, const InterpretTables& tables,
                  const model::AnnotatedFilters& named,
                  const model::ComparisonOptions& comparison) {
  make_folder(a.folder);
  tables.write_filters();
  if (!a.known.empty()) tables.write_matches(named.matches, comparison);
  if (a.all_importances) tables.write_all_importances();
  if (a.instances) tables.write_instances();
}

int run(const InterpretArguments& a, const Invocation& invocation) {
  if (a.no_report && a.figures)
    throw UsageError("--figures are those of the report: not with --no-report");
  const RunLog log(invocation, a.common, true);
  check_outputs(a);
  const model::ComparisonOptions comparison = naming_options(a.q_value, a.distance);
  const model::Model model = load_model(a.model);
  const model::Criterion criterion = criterion_of(model, a.model);
  const model::WellPredicted rule =
      well_predicted_rule(a.rule, criterion, model.config.sizes.num_tasks);
  const data::MotifFile known =
      a.known.empty() ? data::MotifFile() : data::read_motif_file(a.known);
  data::ReadOptions reading = read_options(a.data, criterion, model.config.targets);
  reading.keep_places = a.instances || !a.no_report;
  const data::Dataset dataset = read_labelled(a.file, a.data, reading);
  const auto rows = chosen_rows(dataset, a.data, data::Split::train);

  catch_signals(/*user_signal=*/false);
  model::Predictor predictor(model, computation(a.common), log.device());
  const auto trusted = model::well_predicted_rows(predictor, dataset, rows, rule, a.common.seed);
  log.say(std::to_string(trusted.size()) + " of " +
          counted(static_cast<std::int64_t>(rows.size()), "sequence") + " count as well predicted");
  model::Interpretation result = interpret_rows(predictor, dataset, trusted, a.common.quiet);
  const model::AnnotatedFilters named =
      name_filters(result, known, comparison, log, a.common.quiet);
  const InterpretTables tables{a.folder, predictor,     dataset, trusted,
                               result,   named.filters, known,   invocation};
  write_tables(a, tables, named, comparison);
  write_filter_modes(tables, comparison, log);

  const auto inputs = interpreted_inputs(a.model, dataset, a.known);
  if (!a.no_report) {
    const ReportRequest request{a.model,   a.data.split,   a.known.empty() ? "" : a.distance,
                                a.q_value, a.common.quiet, a.figures};
    report_on(request, tables, judge_model(request, tables, rows), named.matches, rule, rows,
              inputs);
  }
  write_run_json(a.folder, log, inputs, "finished");
  name_silent_filters(log, result);
  std::string written;
  for (const std::string& name : outputs(a)) written += (written.empty() ? "" : ", ") + name;
  if (a.figures) written += ", figures";
  log.finish("wrote " + written + " (" +
             counted(static_cast<std::int64_t>(result.motifs.motifs.size()), "motif") + ") into " +
             a.folder);
  return 0;
}

void add_naming_options(CLI::App& app, InterpretArguments& a) {
  const std::string group = "Names for the filters";
  app.add_option("--motifs", a.known, "Known motifs (MEME, JASPAR ..) to name filters after")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--q-value", a.q_value, "Matches with a q-value up to this count")
      ->type_name("Q")
      ->group(group);
  app.add_option("--dist", a.distance, "Distance of columns: ed or pearson, as in tomtom")
      ->type_name("NAME")
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
  app.add_flag("--instances", a->instances,
               "Also instances.bed.gz: every site of every filter and what it contributes");
  app.add_flag("--no-report", a->no_report, "No report.html, report.json and effects.tsv");
  app.add_flag("--figures", a->figures, "Also every plot of the report as a file, in DIR/figures");
  add_naming_options(app, *a);
  add_well_predicted_options(app, a->rule);
  add_split_option(app, a->data, "train");
  add_column_options(app, a->data, true);
  add_two_file_options(app, a->data, {file});
  add_chromosome_options(app, a->data);
  add_common_options(app, a->common, true, true);
  add_computation_option(app, a->common);
  app.footer(
      "Example: explainn interpret trained/model.safetensors data.tsv.gz -o motifs\n"
      "             --motifs JASPAR2020_vertebrates.meme\n"
      "writes filters.meme (one motif a filter), filters.tsv (what each found), weights.tsv\n"
      "(final weights), importances.tsv (median importance of each filter for each task),\n"
      "effects.tsv (which filters tell each task's sequences apart), tomtom.tsv (known motifs "
      "that\n"
      "filters look like), modes.tsv and archetypes.meme (filters whose motifs are alike, as\n"
      "explainn modes has it), report.html (all of it as one page; report.json holds what else\n"
      "explainn report needs to make it again) and run.json.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
