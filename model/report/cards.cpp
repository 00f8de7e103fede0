// A card for each filter: what it looks like, what it adds to which task, where it was found.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/base/error.h"
#include "model/motif/logo.h"
#include "model/motif/matrix.h"
#include "model/report/gather.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr std::size_t kTopTasks = 3;

LogoOptions card_logo(bool reversed) {
  LogoOptions options = page_logo();
  options.reverse_complement = reversed;
  return options;
}

std::string picture(const std::string& name, std::size_t columns, const std::string& content) {
  const double width = static_cast<double>(columns) * kLogoColumn;
  return cat("<svg class=\"logo\" width=\"", svg_number(width, 1), "\" height=\"",
             svg_number(kLogoHeight, 1), "\" viewBox=\"0 0 ", svg_number(width, 1), " ",
             svg_number(kLogoHeight, 1), "\" role=\"img\" aria-label=\"", xml_text(name), "\">",
             content, "</svg>\n");
}

std::string moved(double columns, const std::string& content) {
  return cat("<g transform=\"translate(", svg_number(columns * kLogoColumn, 1), " 0)\">", content,
             "</g>");
}

std::string logo_row(std::string_view label, const std::string& svg) {
  return cat("<div class=\"row\"><dt>", label, "</dt><dd>", svg, "</dd></div>\n");
}

// Both strands and, under the first, the known motif as it is aligned.
std::string logos(const Report& report, std::size_t unit) {
  const Filter& filter = report.filters[unit];
  const std::size_t width = filter.motif->columns.size();
  const data::Motif* const known = filter.match ? report.known(filter.match->motif) : nullptr;
  double before = 0;  // columns of the known motif that stand out to the left
  std::size_t all = width;
  std::size_t overlap_begin = 0;
  std::size_t overlap_end = 0;
  const double offset = filter.match ? filter.match->offset.value : 0;
  if (known != nullptr) {
    const double end =
        std::max(offset + static_cast<double>(width), static_cast<double>(known->columns.size()));
    before = std::max(offset, 0.0);
    const double first = std::min(offset, 0.0);
    all = static_cast<std::size_t>(end - first);
    overlap_begin = static_cast<std::size_t>(std::max(offset, 0.0) - first);
    overlap_end = overlap_begin + static_cast<std::size_t>(filter.match->overlap.value);
  }
  std::string shade;
  if (known != nullptr) {
    shade = cat("<rect class=\"aligned\" x=\"",
                overlap_begin * static_cast<std::size_t>(kLogoColumn), "\" y=\"0\" width=\"",
                (overlap_end - overlap_begin) * static_cast<std::size_t>(kLogoColumn),
                "\" height=\"50\"/>");
  }
  const std::string reference = cat("<use href=\"#logo-", unit, "\"/>");
  std::string html = "<dl class=\"logos\">\n";
  html += logo_row("motif", picture(cat("logo of ", filter.id, ": ", filter.consensus), all,
                                    shade + moved(before, reference)));
  if (known != nullptr) {
    const std::string name = known->name.empty() ? known->id : known->name;
    html += logo_row(cat(xml_text(name), filter.match->reverse ? " (reverse)" : ""),
                     picture(cat("logo of ", known->id, ", aligned"), all,
                             shade + moved(std::max(-offset, 0.0),
                                           logo_group(*known, card_logo(filter.match->reverse)))));
  }
  html += logo_row("reverse", picture(cat("reverse complement of ", filter.id), all,
                                      moved(before, logo_group(*filter.motif, card_logo(true)))));
  return html + "</dl>\n";
}

std::string fact(std::string_view name, const std::string& value) {
  return cat("<div><dt>", name, "</dt><dd>", value, "</dd></div>\n");
}

// The tasks with the largest numbers, either way.
std::string top_tasks(const Report& report, const std::vector<Number>& numbers) {
  std::vector<std::size_t> order(report.tasks());
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](std::size_t t) {
    const double value = std::abs(numbers[t].value);
    return std::isnan(value) ? -1 : value;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  std::string text;
  for (std::size_t i = 0; i < std::min(kTopTasks, order.size()); ++i) {
    if (!(size(order[i]) > 0)) break;
    text += cat(i > 0 ? ", " : "", xml_text(report.facts.tasks[order[i]]), " ",
                number_data(numbers[order[i]], 3));
  }
  return text;
}

std::string facts_of(const Report& report, const Filter& filter) {
  std::string html = "<dl class=\"facts\">\n";
  const std::string effects = top_tasks(report, filter.effects);
  if (!effects.empty()) html += fact("Effect", effects);
  const std::string importances = top_tasks(report, filter.importances);
  html += fact("Importance",
               importances.empty() ? "none: its median output is 0 where it fires" : importances);
  if (filter.match) {
    std::string match = cat(xml_text(filter.match->motif), " ", xml_text(filter.annotation), ", q ",
                            number_data(filter.match->q, 2), ", ",
                            number_data(filter.match->overlap, 6), " columns");
    std::string others;
    for (std::size_t i = 1; i < filter.matches.size(); ++i) {
      const auto& [id, q] = filter.matches[i];
      const data::Motif* const known = report.known(id);
      others += cat(others.empty() ? "" : ", ",
                    xml_text(known && !known->name.empty() ? known->name : id), " (q ",
                    number_data(q, 2), ")");
    }
    if (!others.empty()) match += "; also " + others;
    html += fact("Looks like", match);
  } else if (!report.facts.distance.empty()) {
    html += fact("Looks like", cat("nothing known (", xml_text(filter.annotation), ")"));
  }
  html += fact("Sites", number_data(filter.sites, 9));
  html += fact("Information", number_data(filter.information, 3) + " bits");
  html += fact("Consensus", cat("<code>", xml_text(filter.consensus), "</code>"));
  html += fact("Largest activation", number_data(filter.max_activation, 3));
  return html + "</dl>\n";
}

// What the unit adds in such a sequence to the task on which its effect is largest.
std::string contribution(const Report& report, const Filter& filter, const Example& example) {
  const std::size_t task = top_effect(filter);
  if (task == report.tasks() || example.output == 0) return "";
  return cat("adds ", shown(example.output * filter.weights[task].value, 3), " to ",
             xml_text(report.facts.tasks[task]));
}

// Blanks before what lies at the end of a sequence, so that sites stand under each other.
std::string padding(const std::string& left) {
  std::string blanks;
  for (std::size_t i = left.size(); i < static_cast<std::size_t>(kFlank); ++i) blanks += "\xc2\xa0";
  return blanks;
}

std::string examples_of(const Report& report, std::size_t unit) {
  const std::vector<Example>& examples = report.facts.examples[unit];
  if (examples.empty()) return "";
  std::string html =
      "<div class=\"scroll\"><table class=\"sites\">\n<caption>Strongest sites, as the filter "
      "reads "
      "them</caption>\n<tbody>\n";
  for (const Example& each : examples) {
    html += cat("<tr><td class=\"letters\">", padding(each.left), xml_text(each.left), "<mark>",
                xml_text(each.site), "</mark>", xml_text(each.right), "</td><td>",
                xml_text(each.place), " (", each.strand == '-' ? "\xe2\x88\x92" : "+", ")</td><td>",
                xml_text(each.sequence), "</td><td class=\"n\">",
                contribution(report, report.filters[unit], each), "</td></tr>\n");
  }
  return html + "</tbody>\n</table></div>\n";
}

std::string plot_of(const Report& report, std::size_t unit) {
  const auto& outputs = report.facts.outputs[unit];
  if (std::all_of(outputs.begin(), outputs.end(), [](double output) { return output == 0; })) {
    return "<p class=\"silent\">Where it fires, its unit is silent: it adds nothing to any task. "
           "It "
           "speaks elsewhere, so with a negative weight its motif raises the prediction.</p>\n";
  }
  const Plot plot = importance_plot(report, unit);
  return cat("<div class=\"scroll plot\">\n",
             svg_element(plot.width, plot.height, plot.title,
                         " class=\"boxes\" font-size=\"10\" fill=\"currentColor\""),
             plot.group, "</svg>\n</div>\n");
}

std::string card(const Report& report, std::size_t unit) {
  const Filter& filter = report.filters[unit];
  std::string html = cat("<article class=\"card\" id=\"", card_id(unit), "\">\n<h3>",
                         xml_text(display_name(filter)));
  if (filter.named()) html += cat(" <span class=\"id\">", xml_text(filter.id), "</span>");
  html += "</h3>\n";
  html += cat("<div class=\"left\">\n", logos(report, unit), facts_of(report, filter), "</div>\n");
  html +=
      cat("<div class=\"right\">\n", plot_of(report, unit), examples_of(report, unit), "</div>\n");
  return html + "</article>\n";
}

}  // namespace

std::string cards_section(const Report& report) {
  std::string dead;
  std::string cards;
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    const Filter& filter = report.filters[u];
    if (!filter.dead()) {
      cards += card(report, u);
      continue;
    }
    dead += cat(dead.empty() ? "" : ", ", "<span id=\"", card_id(u), "\">", xml_text(filter.id),
                "</span>");
  }
  std::string words =
      "Logos: 2 bits high, the aligned part shaded. Boxes: what the filter adds to each task in "
      "the "
      "sequences where it fires (median, quartiles, whiskers at 5 and 95 %).";
  if (!dead.empty()) words += cat(" Without a site, so without a card: ", dead, ".");
  return cat(section_start("units", "Filter by filter", words), "<div class=\"cards\">\n", cards,
             "</div>\n", kSectionEnd);
}

}  // namespace explainn::model::report
