// explainn scan --auc: how well each motif alone finds the sequences of each label.
#include "cli/progress.h"
#include "cli/scan.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/motif/judgement.h"

namespace explainn::cli {
namespace {

void write_judgements(const ScanMotifs& motifs, const data::Dataset& dataset,
                      const std::vector<model::MotifJudgement>& judged, TableWriter& table) {
  for (const char* const name : {"motif_id", "motif_alt_id", "task", "positives", "negatives",
                                 "aucROC_best", "aucPR_best", "aucROC_sum", "aucPR_sum"}) {
    table.text(name);
  }
  table.end_row();
  auto judgement = judged.begin();
  for (const data::Motif& motif : motifs.motifs) {
    for (const std::string& task : dataset.targets) {
      table.text(motif.id).text(motif.name).text(task);
      table.number(static_cast<double>(judgement->positives));
      table.number(static_cast<double>(judgement->negatives));
      table.number(judgement->best.roc).number(judgement->best.pr);
      table.number(judgement->sum.roc).number(judgement->sum.pr);
      table.end_row();
      ++judgement;
    }
  }
}

}  // namespace

void scan_auc(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log) {
  data::ReadOptions reading = read_options(a.data, std::nullopt, {});
  reading.range = data::LabelRange{0, 1, "--auc needs labels in [0, 1]"};
  const data::Dataset dataset = read_labelled(a.file, a.data, reading);
  const auto rows = chosen_rows(dataset, a.data, data::Split::test);
  Progress progress(a.common.quiet);
  progress.start("scanning", "");
  const auto judged =
      model::judge_motifs(motifs.columns, dataset, rows, a.strands(), [&](double part) {
        check_interrupted();
        progress.update(static_cast<std::int64_t>(part * 1000), 1000);
      });
  progress.clear();
  data::AtomicFile file(a.output);
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  write_judgements(motifs, dataset, judged, table);
  table.finish(log.invocation());
  file.commit();
  log.finish(cat("wrote ", output_name(a.output), " (",
                 counted(static_cast<std::int64_t>(motifs.motifs.size()), "motif"), ", ",
                 counted(static_cast<std::int64_t>(dataset.targets.size()), "task"), ", ",
                 counted(static_cast<std::int64_t>(rows.size()), "sequence"), ")"));
}

}  // namespace explainn::cli
