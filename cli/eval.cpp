// explainn eval: how good a model is on labelled sequences.
#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/lengths.h"
#include "cli/model_use.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/metrics.h"
#include "model/trainer.h"

namespace explainn::cli {
namespace {

constexpr const char* kTable = "performance-metrics.tsv";

struct EvalArguments {
  CommonOptions common;
  DataOptions data;
  std::string model;
  std::string file;
  std::string folder;
  std::string strands;
};

model::MetricRow loss_row(model::Predictor& predictor, const data::Dataset& dataset,
                          std::span<const std::uint32_t> rows, model::Strands strands) {
  model::Config config = predictor.model().config;
  config.rev_complement = strands == model::Strands::both;
  model::MetricRow row;
  row.name = "loss";
  row.global = model::evaluation_loss(predictor.network(), config, dataset, rows);
  row.per_task.assign(config.targets.size(), std::numeric_limits<double>::quiet_NaN());
  return row;
}

model::MetricTable judge(model::Predictor& predictor, const data::Dataset& dataset,
                         std::span<const std::uint32_t> rows, model::Strands strands,
                         model::Criterion criterion, Progress& progress) {
  progress.start("predicting", "sequences");
  std::vector<float> predictions = predict_rows(predictor, dataset, rows, strands, progress);
  model::apply_link(criterion, predictor.model().config.sizes.num_tasks, predictions);
  std::vector<float> labels;
  labels.reserve(rows.size() * static_cast<std::size_t>(dataset.label_columns));
  for (const std::uint32_t row : rows) {
    const auto each = dataset.row_labels(row);
    labels.insert(labels.end(), each.begin(), each.end());
  }
  model::MetricTable table = model::evaluate(model::task_type(criterion), predictions, labels,
                                             predictor.model().config.targets);
  table.rows.push_back(loss_row(predictor, dataset, rows, strands));
  return table;
}

std::string table_text(const model::MetricTable& table, const Invocation& invocation) {
  std::string text = model::metric_table_text(table);
  for (const model::MetricRow& row : table.rows) {
    if (!row.note.empty()) text += "# " + row.note + "\n";
  }
  return text + table_footer(invocation);
}

int run(const EvalArguments& a, const Invocation& invocation) {
  const RunLog log(invocation, a.common, false);
  if (!a.folder.empty()) {
    refuse_existing({in_folder(a.folder, kTable), in_folder(a.folder, "run.json")}, a.common);
  }
  const model::Model model = load_model(a.model);
  const model::Criterion criterion = criterion_of(model, a.model);
  const model::Strands strands = strands_from(a.strands, model.config);
  const data::Dataset dataset =
      read_labelled(a.file, a.data, read_options(a.data, criterion, model.config.targets));
  const auto rows = chosen_rows(dataset, a.data, data::Split::test);
  const bool has_test = !dataset.splits.empty() && !dataset.rows(data::Split::test).empty();
  if (a.data.split.empty() && !has_test) {
    log.warn(
        "the data name no test split, so all sequences are judged; those that the model was "
        "trained on flatter it (a column set, --test-chroms or --split says which to judge)");
  }
  LengthCount lengths(model.config.sizes.input_length);
  lengths.add(dataset, rows);
  if (const std::string note = lengths.note(); !note.empty()) log.warn(note);

  catch_signals(/*user_signal=*/false);
  model::Predictor predictor(model, computation(a.common), log.device());
  Progress progress(a.common.quiet);
  const std::string text =
      table_text(judge(predictor, dataset, rows, strands, criterion, progress), invocation);
  data::write_file("-", text);
  const std::string split = !a.data.split.empty() ? a.data.split : has_test ? "test" : "all";
  const std::string judged = counted(static_cast<std::int64_t>(rows.size()), "sequence") +
                             " (split: " + split + "), " +
                             (strands == model::Strands::both ? "both strands" : "one strand");
  if (a.folder.empty()) {
    log.finish("judged on " + judged);
    return 0;
  }
  make_folder(a.folder);
  data::write_file(in_folder(a.folder, kTable), text);
  std::vector<data::InputFile> inputs = dataset.inputs;
  inputs.insert(inputs.begin(), describe_input(a.model));
  write_run_json(a.folder, log, inputs, "finished");
  log.finish("wrote " + in_folder(a.folder, kTable) + " (" + judged + ")");
  return 0;
}

}  // namespace

Action declare_eval(CLI::App& app) {
  auto a = std::make_shared<EvalArguments>();
  app.add_option("MODEL", a->model, "model.safetensors")->required()->type_name("FILE");
  CLI::Option* file = app.add_option("DATA", a->file, "Table of sequences and labels, - for stdin")
                          ->type_name("FILE");
  app.add_option("-o,--output-dir", a->folder,
                 "Folder for performance-metrics.tsv and run.json, besides the table on stdout")
      ->type_name("DIR");
  app.add_option("--strands", a->strands, "one or both [as trained]")->type_name("STRANDS");
  add_split_option(app, a->data, "test");
  add_column_options(app, a->data, true);
  add_two_file_options(app, a->data, {file});
  add_chromosome_options(app, a->data);
  add_common_options(app, a->common, false, true);
  add_computation_option(app, a->common);
  app.footer(
      "Example: explainn eval trained/model.safetensors data.tsv.gz --split test -o judged\n"
      "Binary tasks: aucROC, aucPR; classes: accuracy too; values and counts: correlations, R2.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
