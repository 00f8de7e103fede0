#include "cli/interpret_report.h"

#include <filesystem>

#include "cli/common_options.h"
#include "cli/model_use.h"
#include "cli/report_folder.h"
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

model::report::Performance judge_model(const ReportRequest& request, model::Predictor& predictor,
                                       const data::Dataset& dataset,
                                       std::span<const std::uint32_t> interpreted) {
  std::vector<std::uint32_t> rows;
  if (!dataset.splits.empty()) rows = dataset.rows(data::Split::test);
  const bool test = !rows.empty();
  if (!test) rows.assign(interpreted.begin(), interpreted.end());
  const model::Config& config = predictor.model().config;
  Progress progress(request.quiet);
  progress.start("judging", "sequences");
  std::vector<float> predictions =
      predict_rows(predictor, dataset, rows, strands_from("", config), progress);
  model::apply_link(*config.criterion, config.sizes.num_tasks, predictions);
  model::report::Performance performance =
      model::report::judge(*config.criterion, predictions, dataset, rows);
  performance.split = test ? "test" : split_name(request, dataset);
  return performance;
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

void report_on(const ReportRequest& request, const InterpretTables& tables,
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
  facts.performance = judge_model(request, tables.predictor, tables.dataset, rows);
  facts.outputs = tables.result.output_quantiles;
  facts.examples =
      model::report::examples(tables.predictor, tables.dataset, tables.rows, tables.result);
  facts.known = model::report::matched_motifs(matches, tables.known);
  write_facts(tables.folder, facts);
  write_report(tables.folder, in_folder(tables.folder, model::report::kReportFile),
               request.figures);
}

}  // namespace explainn::cli
