// explainn predict: one row a sequence, in memory that does not grow with their number.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/lengths.h"
#include "cli/model_use.h"
#include "cli/run_log.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

struct PredictArguments {
  CommonOptions common;
  DataOptions data;
  std::string model;
  std::string file;
  std::string output = "-";
  std::string strands;
  bool logits = false;
  bool unit_outputs = false;
  bool contributions = false;
};

// Sequences that wait for the network, with their ids.
struct Batch {
  std::vector<std::string> ids;
  std::vector<std::vector<data::Base>> bases;

  // A long sequence waits as its centre alone: a genome's chromosomes would fill the memory.
  void add(const data::Record& record, std::size_t input_length) {
    ids.emplace_back(record.id);
    if (record.bases.size() <= input_length) {
      bases.emplace_back(record.bases.begin(), record.bases.end());
      return;
    }
    bases.emplace_back(input_length);
    data::fit_sequence(record.bases, data::Strand::forward, bases.back());
  }
  void clear() {
    ids.clear();
    bases.clear();
  }
};

std::span<const float> row_of(const std::vector<float>& values, std::size_t row,
                              std::int64_t width) {
  return std::span(values).subspan(row * static_cast<std::size_t>(width),
                                   static_cast<std::size_t>(width));
}

class PredictionTable {
 public:
  PredictionTable(const PredictArguments& arguments, const model::Model& model, Device device,
                  data::AtomicFile& file)
      : arguments_(arguments),
        predictor_(model, computation(arguments.common), device),
        strands_(strands_from(arguments.strands, model.config)),
        table_([&file](std::string_view bytes) { file.write(bytes); }) {}

  /// Sequences that one batch should hold.
  std::int64_t batch_rows() const { return predictor_.batch_rows(); }

  void header() {
    const model::Config& config = predictor_.model().config;
    table_.text("id");
    if (arguments_.contributions) table_.text("task");
    if (arguments_.contributions || arguments_.unit_outputs) {
      for (std::int64_t u = 0; u < config.sizes.num_units; ++u) {
        table_.text("unit" + std::to_string(u));
      }
    } else {
      for (const std::string& target : config.targets) table_.text(target);
    }
    if (arguments_.contributions) table_.text("bias").text("logit");
    table_.end_row();
  }

  void add(const Batch& batch) {
    const model::Config& config = predictor_.model().config;
    const std::vector<std::span<const data::Base>> bases(batch.bases.begin(), batch.bases.end());
    model::Predictions result = predictor_.predict(bases, strands_);
    const bool plain = !arguments_.logits && !arguments_.unit_outputs && !arguments_.contributions;
    if (plain) model::apply_link(*config.criterion, config.sizes.num_tasks, result.logits);
    for (std::size_t row = 0; row < batch.ids.size(); ++row) {
      const auto logits = row_of(result.logits, row, config.sizes.num_tasks);
      const auto units = row_of(result.unit_outputs, row, config.sizes.num_units);
      if (arguments_.contributions) {
        contributions(batch.ids[row], logits, units);
      } else {
        table_.text(batch.ids[row]);
        for (const float value : arguments_.unit_outputs ? units : logits) table_.number(value);
        table_.end_row();
      }
    }
  }

  void finish(const Invocation& invocation) { table_.finish(invocation); }

 private:
  void contributions(const std::string& id, std::span<const float> logits,
                     std::span<const float> units) {
    const std::vector<double> terms = model::contributions(predictor_.model(), units);
    const std::size_t tasks = logits.size();
    for (std::size_t t = 0; t < tasks; ++t) {
      table_.text(id).text(predictor_.model().config.targets[t]);
      for (std::size_t i = t; i < terms.size(); i += tasks) table_.number(terms[i]);
      table_.number(logits[t]);
      table_.end_row();
    }
  }

  const PredictArguments& arguments_;
  model::Predictor predictor_;
  model::Strands strands_;
  TableWriter table_;
};

// Reads, predicts and writes batch by batch; returns the number of sequences.
std::int64_t stream(data::RecordReader& reader, PredictionTable& table, LengthCount& lengths,
                    std::int64_t input_length, bool quiet) {
  Progress progress(quiet);
  progress.start("predicting", reader.total_bytes() > 0 ? "bytes" : "sequences");
  Batch batch;
  data::Record record;
  std::int64_t sequences = 0;
  bool more = true;
  while (more) {
    check_interrupted();
    more = reader.next(record);
    if (more) {
      lengths.add(static_cast<std::int64_t>(record.bases.size()));
      batch.add(record, static_cast<std::size_t>(input_length));
      ++sequences;
    }
    if (batch.ids.empty()) continue;
    if (more && static_cast<std::int64_t>(batch.ids.size()) < table.batch_rows()) continue;
    table.add(batch);
    batch.clear();
    const bool known = reader.total_bytes() > 0;
    progress.update(known ? reader.content_bytes() : sequences, reader.total_bytes());
  }
  return sequences;
}

void check_request(const PredictArguments& a, const model::Model& model) {
  if (!model.config.criterion && !a.logits && !a.unit_outputs && !a.contributions) {
    throw UsageError(a.model +
                     ": this converted model has no criterion, so nobody knows what its outputs "
                     "mean; give --logits for the raw outputs (or --unit-outputs, "
                     "--contributions), or convert it again with --criterion");
  }
}

int run(const PredictArguments& a, const Invocation& invocation) {
  refuse_gzip_name(a.output, "predict");
  const RunLog log(invocation, a.common, false);
  if (a.output != "-") refuse_existing({a.output}, a.common);
  const model::Model model = load_model(a.model);
  check_request(a, model);
  data::ReadOptions reading = read_options(a.data, std::nullopt, {});
  reading.need_labels = false;
  const auto reader = data::open_records(a.file, reading);
  catch_signals(/*user_signal=*/false);
  data::AtomicFile file(a.output);
  PredictionTable table(a, model, log.device(), file);
  table.header();
  LengthCount lengths(model.config.sizes.input_length);
  const std::int64_t sequences =
      stream(*reader, table, lengths, model.config.sizes.input_length, a.common.quiet);
  table.finish(invocation);
  file.commit();
  if (const std::string note = lengths.note(); !note.empty()) log.warn(note);
  if (reader->dropped() > 0) {
    log.say(counted(reader->dropped(), "sequence") + " with an unknown base left out (--drop-n)");
  }
  log.finish("wrote " + output_name(a.output) + " (" + counted(sequences, "sequence") + ")");
  return 0;
}

}  // namespace

Action declare_predict(CLI::App& app) {
  auto a = std::make_shared<PredictArguments>();
  app.add_option("MODEL", a->model, "model.safetensors")->required()->type_name("FILE");
  app.add_option("SEQUENCES", a->file, "FASTA, FASTQ or table, gzip or not; - for stdin")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output", a->output, "File to write; - for stdout")->type_name("FILE");
  CLI::Option* logits = app.add_flag("--logits", a->logits, "Raw outputs instead");
  CLI::Option* units = app.add_flag("--unit-outputs", a->unit_outputs,
                                    "The output of every unit instead: id unit0 ..");
  CLI::Option* terms =
      app.add_flag("--contributions", a->contributions,
                   "What every unit adds to every logit instead: id task unit0 .. bias logit");
  logits->excludes(units)->excludes(terms);
  units->excludes(terms);
  app.add_option("--strands", a->strands, "one or both, averaged before anything else [as trained]")
      ->type_name("STRANDS");
  add_column_options(app, a->data, false);
  add_common_options(app, a->common, false, false);
  add_computation_option(app, a->common);
  app.footer(
      "Example: explainn predict trained/model.safetensors peaks.fa.gz -o predictions.tsv\n"
      "Columns are the id and one a task: probabilities (binary tasks, classes), expected counts\n"
      "(poissonnll) or values (mse, pearson).");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
