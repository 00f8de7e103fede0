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
#include "kernels/base/parallel.h"
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

// Writes the rows of a batch; numbers take longer to be written than to be found, so on all
// threads.
void write_rows(const ScanBatch& batch, const std::vector<model::SequenceScore>& scores, bool sum,
                data::AtomicFile& file) {
  constexpr std::int64_t kRows = 32;
  const auto rows = static_cast<std::int64_t>(batch.sequences().size());
  const std::size_t motifs = scores.size() / batch.sequences().size();
  std::vector<std::string> texts(static_cast<std::size_t>((rows + kRows - 1) / kRows));
  parallel_blocks(rows, kRows, [&](std::int64_t begin, std::int64_t end) {
    std::string& text = texts[static_cast<std::size_t>(begin / kRows)];
    for (std::int64_t row = begin; row < end; ++row) {
      text += batch.id(row);
      for (std::size_t m = 0; m < motifs; ++m) {
        text += '\t';
        text += number_text(shown_score(scores[static_cast<std::size_t>(row) * motifs + m], sum));
      }
      text += '\n';
    }
  });
  for (const std::string& text : texts) file.write(text);
}

}  // namespace

void scan_scores(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log) {
  data::ReadOptions reading = read_options(a.data, std::nullopt, {});
  reading.need_labels = false;
  const auto reader = data::open_records(a.file, reading);
  const std::vector<std::int32_t> thresholds(motifs.columns.size(), 0);
  const model::MotifScanner scanner(motifs.columns, thresholds, a.strands());
  const bool sum = a.scores == "sum";
  data::AtomicFile file(a.output);
  std::string header = "id";
  for (const data::Motif& motif : motifs.motifs) header += '\t' + motif.id;
  file.write(header + '\n');
  const std::size_t motif_count = motifs.motifs.size();
  const std::size_t most =
      std::max(kLeastBatch, kBatchScores / std::max<std::size_t>(motif_count, 1));
  const std::int64_t sequences =
      each_batch(*reader, most, a.common.quiet, [&](const ScanBatch& batch) {
        check_interrupted();
        write_rows(batch, scanner.score(batch.sequences(), sum), sum, file);
      });
  file.write(table_footer(log.invocation()));
  file.commit();
  say_dropped(*reader, log);
  log.finish(cat("wrote ", output_name(a.output), " (", counted(sequences, "sequence"), ", ",
                 counted(static_cast<std::int64_t>(motif_count), "motif"), ")"));
}

}  // namespace explainn::cli
