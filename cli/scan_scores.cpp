// explainn scan --scores: a row a sequence, a column a motif. Memory does not grow with the
// sequences.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/scan.h"
#include "cli/scan_batch.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/motif/scanner.h"

namespace explainn::cli {
namespace {

// Sequences times motifs of a batch.
constexpr std::size_t kBatchScores = std::size_t{1} << 20;
constexpr std::size_t kLeastBatch = 64;

// Sums are right to six decimals.
double six_decimals(double value) {
  return std::round(value * 1e6) / 1e6;
}

double shown_score(const model::SequenceScore& score, bool sum) {
  if (score.windows == 0) return std::numeric_limits<double>::quiet_NaN();
  return sum ? six_decimals(score.sum) : model::bits(score.best);
}

}  // namespace

void scan_scores(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log) {
  data::ReadOptions reading = read_options(a.data, std::nullopt, {});
  reading.need_labels = false;
  const auto reader = data::open_records(a.file, reading);
  const std::vector<std::int32_t> thresholds(motifs.columns.size(), 0);
  const model::MotifScanner scanner(motifs.columns, thresholds);
  const bool sum = a.scores == "sum";
  data::AtomicFile file(a.output);
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  table.text("id");
  for (const data::Motif& motif : motifs.motifs) table.text(motif.id);
  table.end_row();
  const std::size_t motif_count = motifs.motifs.size();
  const std::size_t most =
      std::max(kLeastBatch, kBatchScores / std::max<std::size_t>(motif_count, 1));
  const std::int64_t sequences =
      each_batch(*reader, most, a.common.quiet, [&](const ScanBatch& batch) {
        check_interrupted();
        const std::vector<model::SequenceScore> scores = scanner.score(batch.sequences());
        for (std::size_t s = 0; s < batch.sequences().size(); ++s) {
          table.text(batch.id(static_cast<std::int64_t>(s)));
          for (std::size_t m = 0; m < motif_count; ++m) {
            table.number(shown_score(scores[s * motif_count + m], sum));
          }
          table.end_row();
        }
      });
  table.finish(log.invocation());
  file.commit();
  say_dropped(*reader, log);
  log.finish(cat("wrote ", a.output == "-" ? "to standard output" : a.output, " (",
                 counted(sequences, "sequence"), ", ",
                 counted(static_cast<std::int64_t>(motif_count), "motif"), ")"));
}

}  // namespace explainn::cli
