// explainn scan: the windows that match, as a table or as BED. Memory does not grow with them.
#include <algorithm>

#include "cli/hit_rows.h"
#include "cli/scan.h"
#include "cli/scan_batch.h"
#include "cli/signals.h"
#include "cli/table_writer.h"
#include "data/atomic_file.h"
#include "data/spool.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/motif/hit_counts.h"

namespace explainn::cli {
namespace {

// Rows are written when the last sequence has been read, for only then the q-values are known.
// Until then each waits behind one of these.
struct RowHead {
  std::int32_t motif;
  std::int32_t score;
  std::uint32_t before;  // bytes before the q-value
  std::uint32_t after;   // and behind it
};

std::string_view head_bytes(const RowHead& head) {
  return {reinterpret_cast<const char*>(&head), sizeof head};
}

constexpr std::size_t kBatchSequences = std::size_t{1} << 16;

class HitWriter {
 public:
  HitWriter(const ScanArguments& a, const ScanMotifs& motifs, data::AtomicFile& file)
      : a_(a),
        distributions_(distributions_of(a, motifs)),
        rows_(motifs.motifs, distributions_, a.bed),
        scanner_(motifs.columns, thresholds(), a.strands()),
        counts_(distributions_),
        file_(file) {}

  const std::vector<model::ScoreDistribution>& distributions() const { return distributions_; }
  std::int64_t written() const { return written_; }

  void header() { file_.write(rows_.header()); }

  void add(const ScanBatch& batch) {
    const auto pieces = scanner_.cut(batch.sequences());
    std::vector<model::MotifScanner::PieceHits> hits(kGroup);
    std::vector<std::string> texts(kGroup);
    for (std::size_t first = 0; first < pieces.size(); first += kGroup) {
      check_interrupted();
      const std::size_t count = std::min(kGroup, pieces.size() - first);
      parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t part) {
        const auto i = static_cast<std::size_t>(part);
        hits[i] = scanner_.find(batch.sequences(), pieces[first + i]);
        texts[i].clear();
        for (const model::MotifHit& hit : hits[i].hits) append_row(batch, hit, texts[i]);
      });
      for (std::size_t i = 0; i < count; ++i) {
        counts_.add(hits[i]);
        if (waits()) {
          spool_.write(texts[i]);
        } else {
          file_.write(texts[i]);
          written_ += static_cast<std::int64_t>(hits[i].hits.size());
        }
      }
    }
  }

  void finish() {
    counts_.finish();
    spool_.rewind();
    RowHead head{};
    std::string row;
    std::string text;
    while (spool_.read({reinterpret_cast<char*>(&head), sizeof head})) {
      row.resize(std::size_t{head.before} + head.after);
      spool_.read(row);
      const double q = counts_.q_value(head.motif, head.score);
      if (a_.qvalue && !(q <= *a_.qvalue)) continue;
      ++written_;
      text.append(row, 0, head.before);
      if (!a_.bed) text += number_text(q);
      text.append(row, head.before);
      if (text.size() < kPieceOfText) continue;
      check_interrupted();
      file_.write(text);
      text.clear();
    }
    file_.write(text);
  }

 private:
  static constexpr std::size_t kGroup = 64;
  static constexpr std::size_t kPieceOfText = 1 << 16;

  static std::vector<model::ScoreDistribution> distributions_of(const ScanArguments& a,
                                                                const ScanMotifs& motifs) {
    std::vector<std::optional<model::ScoreDistribution>> made(motifs.columns.size());
    parallel_for(static_cast<std::int64_t>(made.size()), [&](std::int64_t m) {
      const auto i = static_cast<std::size_t>(m);
      made[i].emplace(motifs.columns[i], motifs.background, a.pvalue);
    });
    std::vector<model::ScoreDistribution> all;
    all.reserve(made.size());
    for (auto& each : made) all.push_back(std::move(*each));
    return all;
  }

  std::vector<std::int32_t> thresholds() const {
    std::vector<std::int32_t> all;
    all.reserve(distributions_.size());
    for (const model::ScoreDistribution& each : distributions_) all.push_back(each.threshold());
    return all;
  }

  bool waits() const { return !a_.bed || a_.qvalue; }

  void append_row(const ScanBatch& batch, const model::MotifHit& hit, std::string& text) const {
    const std::size_t head_begin = text.size();
    if (waits()) text.append(sizeof(RowHead), '\0');
    const std::size_t begin = text.size();
    rows_.append_front(batch, hit, text);
    const std::size_t middle = text.size();
    rows_.append_back(batch, hit, text);
    if (!waits()) return;
    const RowHead head{hit.motif, hit.score, static_cast<std::uint32_t>(middle - begin),
                       static_cast<std::uint32_t>(text.size() - middle)};
    text.replace(head_begin, sizeof head, head_bytes(head));
  }

  const ScanArguments& a_;
  const std::vector<model::ScoreDistribution> distributions_;
  const HitRows rows_;
  const model::MotifScanner scanner_;
  model::HitCounts counts_;
  data::AtomicFile& file_;
  data::Spool spool_;
  std::int64_t written_ = 0;
};

void warn_of_short_motifs(const ScanArguments& a, const ScanMotifs& motifs,
                          const std::vector<model::ScoreDistribution>& distributions,
                          const RunLog& log) {
  constexpr std::int64_t kNamed = 10;
  std::string names;
  std::int64_t count = 0;
  for (std::size_t m = 0; m < distributions.size(); ++m) {
    if (distributions[m].threshold() <= distributions[m].best()) continue;
    if (++count > kNamed) continue;
    names += cat(count > 1 ? ", " : "", motifs.motifs[m].id, " (", distributions[m].least_p(), ")");
  }
  if (count == 0) return;
  if (count > kNamed) names += cat(" and ", count - kNamed, " more");
  log.warn(cat("too short or too weak to match with a p-value of ", a.pvalue, ": ", names,
               "; in brackets the p-value of the best match there can be (--pvalue)"));
}

}  // namespace

void scan_hits(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log) {
  data::ReadOptions reading = read_options(a.data, std::nullopt, {});
  reading.need_labels = false;
  const auto reader = data::open_records(a.file, reading);
  data::AtomicFile file(a.output);
  HitWriter writer(a, motifs, file);
  warn_of_short_motifs(a, motifs, writer.distributions(), log);
  writer.header();
  const std::int64_t sequences = each_batch(*reader, kBatchSequences, a.common.quiet,
                                            [&](const ScanBatch& batch) { writer.add(batch); });
  writer.finish();
  if (!a.bed) file.write(table_footer(log.invocation()));
  file.commit();
  say_dropped(*reader, log);
  log.finish(cat("wrote ", output_name(a.output), " (", counted(writer.written(), "hit"), " of ",
                 counted(static_cast<std::int64_t>(motifs.motifs.size()), "motif"), " in ",
                 counted(sequences, "sequence"), ")"));
}

}  // namespace explainn::cli
