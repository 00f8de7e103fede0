#include "cli/discover_tables.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "cli/common_options.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/motif/matrix.h"

namespace explainn::cli {
namespace {

void header(TableWriter& table, bool named) {
  for (const char* column : {"rank",
                             "motif",
                             "filter",
                             "consensus",
                             "sites",
                             "importance",
                             "effect",
                             "aucPR_valid",
                             "aucPR",
                             "aucROC",
                             "threshold",
                             "positives_hit",
                             "positives",
                             "negatives_hit",
                             "negatives",
                             "p-value",
                             "own_positives_hit",
                             "own_negatives_hit",
                             "own_p-value",
                             "E-value",
                             "significant",
                             "overlaps",
                             "overlap",
                             "group"}) {
    table.text(column);
  }
  if (named) table.text("annotation").text("match").text("q-value");
  table.end_row();
}

std::string group_text(const std::vector<std::size_t>& units) {
  std::string text;
  for (const std::size_t unit : units) {
    text += (text.empty() ? "" : ",") + filter_name(unit);
  }
  return text;
}

std::string motif_id(std::size_t place) {
  return "motif" + std::to_string(place + 1);
}

void row(const InterpretTables& tables, const model::DiscoveredMotif& one, std::size_t place,
         double effect, TableWriter& table) {
  const data::Motif& motif = tables.result.motifs.motifs[one.motif];
  table.text(std::to_string(place + 1)).text(motif_id(place)).text(filter_name(one.unit));
  table.text(short_consensus(motif)).text(std::to_string(tables.result.sites[one.unit]));
  for (const double value : {tables.result.median_importance[one.unit], effect, one.valid.pr,
                             one.test.pr, one.test.roc, static_cast<double>(one.threshold)}) {
    table.number(value);
  }
  for (const std::int64_t count :
       {one.hits.positives_hit, one.hits.positives, one.hits.negatives_hit, one.hits.negatives}) {
    table.text(std::to_string(count));
  }
  table.text(probability_text(one.log10_p));
  for (const std::int64_t count : {one.own.positives_hit, one.own.negatives_hit}) {
    table.text(std::to_string(count));
  }
  table.text(probability_text(one.log10_own_p)).text(probability_text(one.log10_e));
  table.text(one.significant() ? "yes" : "no");
  table.text(one.overlaps ? motif_id(*one.overlaps) : "").number(one.overlap);
  table.text(group_text(one.group));
  if (!tables.annotations.empty()) {
    const model::Annotation& annotation = tables.annotations[one.unit];
    table.text(annotation.name);
    if (annotation.best) {
      table.text(tables.known.motifs[annotation.best->target].id).number(annotation.best->q);
    } else {
      table.text("").text("");
    }
  }
  table.end_row();
}

}  // namespace

std::string probability_text(double log10_p) {
  std::array<char, 32> text{};
  double exponent = std::floor(log10_p);
  double mantissa = std::pow(10.0, log10_p - exponent);
  // What would round to 10.0.
  if (mantissa >= 9.995) {
    mantissa = 1;
    exponent += 1;
  }
  if (exponent >= -2) {
    std::snprintf(text.data(), text.size(), "%.3g", std::pow(10.0, log10_p));
  } else {
    std::snprintf(text.data(), text.size(), "%.2fe%03.0f", mantissa, exponent);
  }
  return text.data();
}

std::string short_consensus(const data::Motif& motif) {
  const std::string whole = model::iupac_consensus(motif);
  const std::size_t first = whole.find_first_not_of('N');
  if (first == std::string::npos) return whole;
  return whole.substr(first, whole.find_last_not_of('N') - first + 1);
}

void write_discovered(const InterpretTables& tables,
                      const std::vector<model::DiscoveredMotif>& found,
                      std::span<const double> effects) {
  data::MotifFile motifs{tables.result.motifs.background, {}};
  std::string text;
  TableWriter table([&text](std::string_view bytes) { text += bytes; });
  header(table, !tables.annotations.empty());
  for (const model::DiscoveredMotif& one : found) {
    const std::size_t place = motifs.motifs.size();
    row(tables, one, place, effects[one.unit], table);
    motifs.motifs.push_back(tables.result.motifs.motifs[one.motif]);
    data::Motif& motif = motifs.motifs.back();
    motif.id = motif_id(place);
    const bool named = !tables.annotations.empty() && tables.annotations[one.unit].best;
    motif.name = named ? tables.annotations[one.unit].name : short_consensus(motif);
  }
  table.finish(tables.invocation);
  data::write_file(in_folder(tables.folder, kDiscovered), text);
  data::write_file(in_folder(tables.folder, kDiscoveredMotifs), data::meme_text(motifs));
}

}  // namespace explainn::cli
