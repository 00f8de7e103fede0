#include "cli/hit_rows.h"

#include <algorithm>
#include <cmath>

#include "cli/table_writer.h"

namespace explainn::cli {
namespace {

// The parts with tabs between them.
template <typename... Rest>
void append(std::string& text, std::string_view first, const Rest&... rest) {
  text += first;
  ((text += '\t', text += rest), ...);
}

}  // namespace

std::string_view HitRows::header() const {
  if (bed_) return {};
  return "motif_id\tmotif_alt_id\tsequence_name\tstart\tstop\tstrand\tscore\tp-value\tq-value\t"
         "matched_sequence\n";
}

std::int64_t HitRows::width(const model::MotifHit& hit) const {
  return static_cast<std::int64_t>(motifs_[static_cast<std::size_t>(hit.motif)].columns.size());
}

double HitRows::p_value(const model::MotifHit& hit) const {
  return distributions_[static_cast<std::size_t>(hit.motif)].p_value(hit.score);
}

void HitRows::append_front(const ScanBatch& batch, const model::MotifHit& hit,
                           std::string& text) const {
  bed_ ? append_bed(batch, hit, text) : append_fields(batch, hit, text);
}

void HitRows::append_fields(const ScanBatch& batch, const model::MotifHit& hit,
                            std::string& text) const {
  const data::Motif& motif = motifs_[static_cast<std::size_t>(hit.motif)];
  append(text, motif.id, motif.name, batch.id(hit.sequence), std::to_string(hit.begin + 1),
         std::to_string(hit.begin + width(hit)), sign(hit.strand),
         number_text(model::bits(hit.score)), number_text(p_value(hit)), "");
}

void HitRows::append_bed(const ScanBatch& batch, const model::MotifHit& hit,
                         std::string& text) const {
  constexpr double kDarkest = 1000;
  const std::int64_t end = hit.begin + width(hit);
  const data::Place place =
      data::part_of(batch.place(hit.sequence), batch.id(hit.sequence), hit.begin, end, hit.strand);
  const double shade = std::min(kDarkest, std::round(-100 * std::log10(p_value(hit))));
  append(text, place.chrom, std::to_string(place.start), std::to_string(place.end),
         motifs_[static_cast<std::size_t>(hit.motif)].id, number_text(shade), sign(place.strand));
}

void HitRows::append_back(const ScanBatch& batch, const model::MotifHit& hit,
                          std::string& text) const {
  if (!bed_) {
    const auto window = batch.sequences()[static_cast<std::size_t>(hit.sequence)].subspan(
        static_cast<std::size_t>(hit.begin), static_cast<std::size_t>(width(hit)));
    text += '\t';
    data::append_letters(window, hit.strand, text);
  }
  text += '\n';
}

}  // namespace explainn::cli
