// What discover found: a row a motif, those that tell most first.
#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "model/motif/discovery.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr double kRowLogo = 28;

// The share of sequences with a hit, in percent.
std::string share_cell(const Number& hit, const Number& all) {
  const double share = all.value > 0 ? hit.value / all.value : std::nan("");
  return cat("<td class=\"n\"><data value=\"", xml_text(hit.text), "\">",
             std::isnan(share) ? shown(share, 3) : shown(100 * share, 3) + "\xc2\xa0%",
             "</data></td>");
}

// Whose sites its own overlap.
std::string overlap_cell(const Discovered& one) {
  if (one.overlaps.empty()) return "<td></td>";
  const std::string rank =
      one.overlaps.starts_with("motif") ? one.overlaps.substr(5) : one.overlaps;
  return cat("<td class=\"n\">", xml_text(rank), ": <data value=\"", xml_text(one.overlap.text),
             "\">", shown(100 * one.overlap.value, 2), "\xc2\xa0%</data></td>");
}

std::string row(const Report& report, const Discovered& one) {
  const Filter& filter = report.filters[one.unit];
  std::string html =
      cat("<tr", one.significant ? "" : " class=\"grey\"", "><th scope=\"row\">",
          xml_text(one.rank), "</th><td><a href=\"#", card_id(one.unit), "\" title=\"",
          xml_text(filter.id), "\">", small_logo(filter, one.unit, kRowLogo), "</a></td>");
  if (!report.facts.distance.empty()) {
    html += cat("<td>", filter.named() ? xml_text(filter.annotation) : "", "</td>");
    html += number_cell(filter.match ? filter.match->q : Number{"", std::nan("")}, 2);
  }
  html += cat("<td class=\"letters\">", xml_text(one.consensus), "</td>");
  html += number_cell(one.precision, 3);
  html += share_cell(one.positives_hit, one.positives);
  html += share_cell(one.negatives_hit, one.negatives);
  return cat(html, "<td class=\"n\">", shown(one.e_value), "</td>", overlap_cell(one),
             "<td class=\"n\">", one.group, "</td></tr>\n");
}

}  // namespace

std::string discovered_section(const Report& report) {
  const std::vector<Discovered>& found = report.discovered;
  if (found.empty()) return "";
  const auto significant = std::count_if(found.begin(), found.end(),
                                         [](const Discovered& one) { return one.significant; });
  std::string html = section_start(
      "discovered", "Discovered motifs",
      cat(plural(static_cast<std::int64_t>(found.size()), "motif"), ", ", grouped(significant),
          " of them significant (E \xe2\x89\xa4 ", kSignificant,
          "), the others grey; the best first, by aucPR in the validation sequences. aucPR, hits "
          "and E are of ",
          grouped(std::llround(found.front().positives.value)), " positives and ",
          grouped(std::llround(found.front().negatives.value)),
          " negatives of the test, which had no part in any choice. E: Fisher's exact test of the "
          "hits outside the sites of better significant motifs, times the number of motifs. "
          "Overlaps: the better motif at whose sites so many of the best hits in positives are, "
          "as those of its pieces. Filters: this one's and those that look like it and tell "
          "less."));
  html +=
      "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"discovered-title\">\n<table id=\"discovered-table\">\n<thead><tr>";
  html += column_header("Rank", false) + column_header("Motif", false);
  if (!report.facts.distance.empty()) {
    html += column_header("Looks like", false) + column_header("q", true);
  }
  html += column_header("Consensus", false);
  for (const char* const title : {"aucPR", "Positives", "Negatives", "E", "Overlaps", "Filters"}) {
    html += column_header(title, true);
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const Discovered& one : found) html += row(report, one);
  return cat(html, "</tbody>\n</table>\n</div>\n", kSectionEnd);
}

}  // namespace explainn::model::report
