#include "cli/interpret_report.h"

#include <filesystem>

#include "cli/common_options.h"
#include "cli/model_use.h"
#include "cli/report_folder.h"
#include "cli/run_json.h"
#include "cli/version.h"
#include "model/report/gather.h"
#include "model/report/report.h"

namespace explainn::cli {
namespace {

// Of the sequences that are interpreted; empty if the data have no splits.
std::string split_name(const ReportRequest& request, const data::Dataset& dataset) {
  if (dataset.splits.empty()) return "";
  return request.split.empty() ? "train" : request.split;
}

std::vector<model::report::Source> sources(const ReportRequest& request,
                                           const std::vector<data::InputFile>& inputs) {
  std::vector<model::report::Source> list;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool known = !request.distance.empty() && i + 1 == inputs.size();
    list.push_back(source_of(i == 0 ? "model" : known ? "known motifs" : "data", inputs[i]));
  }
  return list;
}

}  // namespace

std::vector<data::InputFile> interpreted_inputs(const std::string& model,
                                                const data::Dataset& dataset,
                                                const std::string& known) {
  std::vector<data::InputFile> inputs = dataset.inputs;
  inputs.insert(inputs.begin(), describe_input(model));
  if (!known.empty()) inputs.push_back(describe_input(known));
  return inputs;
}

Judged judge_model(const ReportRequest& request, const InterpretTables& tables,
                   std::span<const std::uint32_t> interpreted) {
  const data::Dataset& dataset = tables.dataset;
  std::vector<std::uint32_t> rows;
  if (!dataset.splits.empty()) rows = dataset.rows(data::Split::test);
  const bool test = !rows.empty();
  if (!test) rows.assign(interpreted.begin(), interpreted.end());
  const model::Model& model = tables.predictor.model();
  Progress progress(request.quiet);
  progress.start("judging", "sequences");
  model::report::Judgement judgement(model, dataset);
  each_prediction(tables.predictor, dataset, rows, strands_from("", model.config), progress,
                  [&](std::span<const std::uint32_t> some, const model::Predictions& batch) {
                    judgement.add(some, batch);
                  });
  Judged judged{judgement.performance(), judgement.effects()};
  judged.performance.split = test ? "test" : split_name(request, dataset);
  tables.write_effects(judged.effects);
  return judged;
}

void report_on(const ReportRequest& request, const InterpretTables& tables, const Judged& judged,
               const std::vector<model::MotifMatch>& matches, const model::WellPredicted& rule,
               std::span<const std::uint32_t> rows, const std::vector<data::InputFile>& inputs) {
  model::report::Facts facts;
  facts.program = "explainn " + version();
  facts.sources = sources(request, inputs);
  model::report::describe_model(tables.predictor.model().config, facts);
  facts.split = split_name(request, tables.dataset);
  facts.sequences = static_cast<std::int64_t>(rows.size());
  facts.trusted = static_cast<std::int64_t>(tables.rows.size());
  facts.rule = model::report::in_words(rule);
  facts.distance = request.distance;
  facts.q_value = request.q_value;
  const std::filesystem::path beside = std::filesystem::path(request.model).parent_path();
  facts.epochs = model::report::losses_at((beside / "losses.tsv").string());
  facts.performance = judged.performance;
  facts.outputs = tables.result.output_quantiles;
  facts.examples =
      model::report::examples(tables.predictor, tables.dataset, tables.rows, tables.result);
  facts.known = model::report::matched_motifs(matches, tables.known);
  write_facts(tables.folder, facts);
  write_report(tables.folder, in_folder(tables.folder, model::report::kReportFile),
               request.figures);
}

}  // namespace explainn::cli
