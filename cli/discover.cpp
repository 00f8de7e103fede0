// explainn discover: from bound sequences to ranked motifs.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/discover.h"
#include "cli/discover_tables.h"
#include "cli/filter_names.h"
#include "cli/interpret_report.h"
#include "cli/interpret_tables.h"
#include "cli/lengths.h"
#include "cli/mode_tables.h"
#include "cli/model_use.h"
#include "cli/report_folder.h"
#include "cli/run_json.h"
#include "cli/signals.h"
#include "cli/train_report.h"
#include "data/atomic_file.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/interpret/learning_curve.h"
#include "model/report/gather.h"
#include "model/report/report.h"

namespace explainn::cli {
namespace {

constexpr const char* kModel = "model.safetensors";
constexpr const char* kDistance = "ed";
constexpr std::size_t kMotifsSaid = 5;

void check_arguments(const DiscoverArguments& a) {
  if (!a.negatives.empty() && !a.data.targets.empty()) {
    throw UsageError("--targets names the labels of a table: not together with NEGATIVES");
  }
  if (a.training.num_epochs < 1) throw UsageError("--num-epochs: give 1 or more");
  if (a.max_sequences < 1) throw UsageError("--max-sequences: give 1 or more");
  if (a.training.patience < 0) throw UsageError("--patience: give 0 or more");
}

std::vector<std::string> outputs(const DiscoverArguments& a) {
  std::vector<std::string> names = {kDiscoveredMotifs,
                                    kDiscovered,
                                    kModel,
                                    "losses.tsv",
                                    "learning-curve.svg",
                                    "filters.meme",
                                    "filters.tsv",
                                    "weights.tsv",
                                    "importances.tsv",
                                    kEffects,
                                    kModes,
                                    kArchetypes,
                                    model::report::kFactsFile,
                                    model::report::kReportFile};
  if (!a.known.empty()) names.emplace_back(kMatches);
  return names;
}

model::Config make_config(const DiscoverArguments& a, const data::Dataset& dataset) {
  model::Config config;
  config.sizes = a.sizes;
  config.sizes.input_length = most_frequent_length(dataset, dataset.rows(data::Split::train));
  config.sizes.num_tasks = 1;
  config.criterion = model::Criterion::bce_with_logits;
  config.targets = dataset.targets;
  config.rev_complement = !a.one_strand;
  config.lr = a.training.optimizer.lr;
  config.seed = a.common.seed;
  model::validate(config);
  return config;
}

// The model, trained and written into the folder; stops as a signal asks.
model::Model train_model(const DiscoverArguments& a, const RunLog& log,
                         const data::Dataset& dataset) {
  const model::Config config = make_config(a, dataset);
  make_folder(a.folder);
  model::TrainOptions options = a.training;
  options.device = log.device();
  options.computation = computation(a.common);
  TrainReport report(log);
  const model::TrainSummary summary =
      model::train(config, options, dataset, a.folder, report.hooks());
  check_interrupted();
  data::write_file(in_folder(a.folder, "learning-curve.svg"),
                   model::learning_curve_svg(summary.epochs));
  return load_model(in_folder(a.folder, kModel));
}

// Its consensus, what it tells and what it looks like.
std::string motif_text(const InterpretTables& tables, const model::DiscoveredMotif& one) {
  std::string name;
  if (!tables.annotations.empty() && tables.annotations[one.unit].best) {
    name = ", looks like " + tables.annotations[one.unit].name;
  }
  return cat(short_consensus(tables.result.motifs.motifs[one.motif]), ": E ",
             probability_text(one.log10_e), ", in ", one.hits.positives_hit, " of ",
             one.hits.positives, " positives and ", one.hits.negatives_hit, " of ",
             one.hits.negatives, " negatives", name);
}

void say_motifs(const RunLog& log, const InterpretTables& tables,
                const std::vector<model::DiscoveredMotif>& found) {
  std::int64_t significant = 0;
  for (const model::DiscoveredMotif& one : found) significant += one.significant() ? 1 : 0;
  log.say(cat(counted(static_cast<std::int64_t>(found.size()), "motif"), ", ", significant,
              " of them significant on the test part (E <= ", model::kSignificant, ")"));
  // The first one anyway, then significant ones.
  std::size_t said = 0;
  for (std::size_t i = 0; i < found.size() && said < kMotifsSaid; ++i) {
    if (i > 0 && !found[i].significant()) continue;
    log.say(cat("motif", i + 1, " ", motif_text(tables, found[i])));
    ++said;
  }
}

int run(const DiscoverArguments& a, const Invocation& invocation) {
  check_arguments(a);
  model::ComparisonOptions comparison = naming_options(a.q_value, kDistance);
  comparison.both_strands = !a.one_strand;
  const RunLog log(invocation, a.common, true);
  refuse_existing_in(a.folder, outputs(a), a.common);
  const data::MotifFile known =
      a.known.empty() ? data::MotifFile() : data::read_motif_file(a.known);
  catch_signals(/*user_signal=*/false);
  const data::Dataset dataset = discovery_data(a, log);
  const model::Model model = train_model(a, log, dataset);

  model::Predictor predictor(model, computation(a.common), log.device());
  const model::WellPredicted rule = model::default_rule(model::Criterion::bce_with_logits, 1);
  const auto rows = dataset.rows(data::Split::train);
  const auto trusted = model::well_predicted_rows(predictor, dataset, rows, rule, a.common.seed);
  model::Interpretation result = interpret_rows(predictor, dataset, trusted, a.common.quiet);
  const model::AnnotatedFilters named =
      name_filters(result, known, comparison, log, a.common.quiet);
  const std::vector<model::DiscoveredMotif> found = model::discover_motifs(
      result, dataset, a.one_strand ? model::ScanStrands::forward : model::ScanStrands::both);

  const InterpretTables tables{a.folder, predictor,     dataset, trusted,
                               result,   named.filters, known,   invocation};
  tables.write_filters();
  if (!a.known.empty()) tables.write_matches(named.matches, comparison);
  write_filter_modes(tables, comparison, log);
  const std::string model_file = in_folder(a.folder, kModel);
  const ReportRequest request{model_file, a.data.split,   a.known.empty() ? "" : kDistance,
                              a.q_value,  a.common.quiet, false};
  const Judged judged = judge_model(request, tables, rows);
  write_discovered(tables, found, judged.effects);
  const auto inputs = interpreted_inputs(model_file, dataset, a.known);
  report_on(request, tables, judged, named.matches, rule, rows, inputs);
  write_run_json(a.folder, log, inputs, "finished");
  say_motifs(log, tables, found);
  log.finish(cat("wrote ", kDiscoveredMotifs, ", ", kDiscovered, " and ",
                 model::report::kReportFile,
                 " with all that explainn train and interpret write into ", a.folder));
  return 0;
}

void add_training_options(CLI::App& app, DiscoverArguments& a) {
  const std::string group = "Training";
  app.add_option("--num-units", a.sizes.num_units, "Independent units, one filter each")
      ->group(group);
  app.add_option("--filter-size", a.sizes.filter_size, "Length of a filter")->group(group);
  app.add_option("--lr", a.training.optimizer.lr, "Learning rate")->group(group);
  app.add_option("--batch-size", a.training.batch_size, "Samples a step")->group(group);
  app.add_option("--num-epochs", a.training.num_epochs, "Maximum number of epochs")->group(group);
  app.add_option("--patience", a.training.patience,
                 "Epochs without improvement before it stops; 0: never")
      ->group(group);
  app.add_flag("--one-strand", a.one_strand,
               "Sequences as they are, for strand-specific data (RNA); without, both strands")
      ->group(group);
}

}  // namespace

Action declare_discover(CLI::App& app) {
  auto a = std::make_shared<DiscoverArguments>();
  a->training.num_epochs = 30;
  a->training.patience = 5;
  app.add_option("POSITIVES", a->positives,
                 "Sequences that are bound (FASTA, FASTQ or table, gzip or not); a table with "
                 "labels if --targets names one")
      ->required()
      ->type_name("FILE");
  app.add_option("NEGATIVES", a->negatives,
                 "Sequences that are not; without, dinucleotide shuffles of the positives")
      ->type_name("FILE");
  app.add_option("-o,--output-dir", a->folder, "Folder for the results")
      ->required()
      ->type_name("DIR");
  app.add_option("--motifs", a->known, "Known motifs (MEME, JASPAR ..) to name motifs after")
      ->type_name("FILE");
  app.add_option("--q-value", a->q_value, "Known motifs with a q-value up to this count")
      ->type_name("Q");
  app.add_option("--max-sequences", a->max_sequences,
                 "Of positives and of negatives, a random choice where there are more")
      ->type_name("N");
  add_training_options(app, *a);
  add_column_options(app, a->data, true);
  add_chromosome_options(app, a->data);
  add_common_options(app, a->common, true, true);
  add_computation_option(app, a->common);
  app.footer(
      "Example: explainn discover peaks.fa.gz -o found --motifs JASPAR2020_vertebrates.meme\n"
      "trains a model and judges the motif of each filter by its best hit in each sequence. They "
      "are\n"
      "ranked by aucPR on a tenth of the sequences, those that look like a better one left to it;\n"
      "the numbers are those of another tenth. Writes motifs.meme, motifs.tsv, report.html, and "
      "all\n"
      "that train and interpret write.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
