// The first words of the report, and the last.
#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "kernels/base/error.h"
#include "model/plot_axis.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

std::string source_name(const Report& report, std::string_view part) {
  for (const Source& source : report.facts.sources) {
    if (source.part == part) return xml_text(source.name);
  }
  return "";
}

struct Counts {
  std::int64_t all = 0, alive = 0, named = 0, motifs = 0, modes = 0;
};

Counts counts_of(const Report& report) {
  Counts counts;
  std::set<std::string> motifs;
  std::set<std::string> modes;
  for (const Filter& filter : report.filters) {
    ++counts.all;
    counts.alive += filter.dead() ? 0 : 1;
    counts.named += filter.named() ? 1 : 0;
    if (!filter.match) continue;
    motifs.insert(filter.match->motif);
    if (!filter.match->known_mode.empty()) modes.insert(filter.match->known_mode);
  }
  counts.motifs = static_cast<std::int64_t>(motifs.size());
  counts.modes = static_cast<std::int64_t>(modes.size());
  return counts;
}

// The filter and task of the largest effect.
std::string strongest(const Report& report) {
  const Filter* best = nullptr;
  std::size_t task = 0;
  for (const Filter& filter : report.filters) {
    for (std::size_t t = 0; t < report.tasks(); ++t) {
      const double value = filter.effects[t].value;
      if (filter.dead() || !(value > 0)) continue;
      if (best != nullptr && value <= best->effects[task].value) continue;
      best = &filter;
      task = t;
    }
  }
  if (best == nullptr) return "";
  return cat(" The largest effect is that of <b>", xml_text(display_name(*best)), "</b>",
             best->named() ? cat(" (", xml_text(best->id), ")") : "", " on <b>",
             xml_text(report.facts.tasks[task]), "</b> (", number_data(best->effects[task], 3),
             ").");
}

std::string quality(const Report& report) {
  if (!report.facts.performance) return "";
  const Performance& performance = *report.facts.performance;
  std::string values;
  for (const auto& [name, words] :
       {std::pair{"aucROC", "area under the ROC curve"}, std::pair{"aucPR", "average precision"},
        std::pair{"Pearson", "Pearson's correlation"}, std::pair{"accuracy", "accuracy"}}) {
    const MetricRow* const row = performance.metrics.find(name);
    if (row == nullptr || std::isnan(row->global)) continue;
    values += cat(values.empty() ? "" : ", ", words, " <data value=\"",
                  general_number(row->global, 10), "\">", shown(row->global, 3), "</data>");
  }
  if (values.empty()) return "";
  return cat(" On ", grouped(performance.sequences), " ",
             performance.split.empty() ? "" : performance.split + " ", "sequences: ", values,
             report.tasks() > 1 ? " in the mean" : "", ".");
}

std::string naming(const Report& report, const Counts& counts) {
  if (report.facts.distance.empty()) return "";
  return cat(" ", grouped(counts.named), counts.named == 1 ? " looks" : " look", " like ",
             plural(counts.motifs, "known motif"), " (q at most ", shown(report.facts.q_value, 3),
             ")", counts.modes > 0 ? cat(", of ", plural(counts.modes, "known binding mode")) : "",
             ".");
}

std::string definition(std::string_view term, const std::string& words) {
  return cat("<dt>", term, "</dt><dd>", words, "</dd>\n");
}

}  // namespace

std::string summary(const Report& report) {
  const Facts& facts = report.facts;
  const Counts counts = counts_of(report);
  const std::string data = source_name(report, "data");
  std::string html = cat("<header class=\"title\">\n<p class=\"kind\">ExplaiNN</p>\n<h1>Motifs of ",
                         plural(static_cast<std::int64_t>(report.tasks()), "task"),
                         data.empty() ? "" : cat(" in ", data), "</h1>\n<p class=\"summary\">");
  html += cat("A model of ", plural(counts.all, "unit"), " reads sequences of ",
              grouped(facts.input_length), " bases", facts.both_strands ? ", both strands" : "",
              "; each unit has one filter of ", facts.filter_size,
              " bases, and what the units say is summed for each task.");
  html += quality(report);
  html += cat(" In ", grouped(facts.trusted), " well-predicted sequences ",
              plural(counts.alive, "filter"), counts.alive == 1 ? " finds" : " find", " sites.",
              naming(report, counts), strongest(report));
  return html + "</p>\n</header>\n";
}

std::string notes_section(const Report& report) {
  const Facts& facts = report.facts;
  std::string html = section_start("notes", "How to read this", "") + "<dl class=\"notes\">\n";
  html += definition("Sequences interpreted",
                     cat(grouped(facts.trusted), " of ", grouped(facts.sequences), " ",
                         facts.split.empty() ? "" : xml_text(facts.split) + " ",
                         "sequences: those ", xml_text(facts.rule), "."));
  html += definition("Site",
                     "A window of a sequence where the filter's activation is above half of its "
                     "maximum. A filter's motif is the frequency of letters in its sites.");
  html +=
      definition("Effect",
                 "How much more a unit adds to a task's output (before any sigmoid) in sequences "
                 "whose label is 1 than in those whose label is 0, in the mean over the "
                 "sequences on which the model was judged; for labels that are numbers the slope "
                 "on them. The effects of all units sum to that of the output.");
  html +=
      definition("Importance",
                 "What a unit adds to a task's output (before any sigmoid): its own output "
                 "times its final weight, the median over the sequences in which the filter has "
                 "a site. It is 0 for a unit that is silent there and works by its silence: with a "
                 "negative weight, its motif raises the output all the same, which its effect "
                 "tells.");
  if (!report.modes.empty()) {
    html += definition(
        "Binding mode",
        "Motifs of which every two match each other, in both directions, at the p-value that "
        "modes.tsv names at its end (complete linkage); known motifs are put together in the same "
        "way where known binding modes are counted. Filters whose motif holds less than 2 bits "
        "are in none.");
  }
  if (!facts.distance.empty()) {
    html += definition("Looks like",
                       cat("The best match among the known motifs (",
                           source_name(report, "known motifs"), "), columns compared by ",
                           facts.distance == "ed" ? "Euclidean distance" : "correlation",
                           "; q is the false discovery rate at which it counts as found (at most ",
                           shown(facts.q_value, 3),
                           "). Filters whose motif holds less than 2 bits "
                           "are called uninformative."));
  }
  html += definition("Model", cat("Loss ", xml_text(facts.criterion), ", ", facts.num_fc,
                                  " fully connected layers in each unit."));
  html += "</dl>\n<table class=\"sources\">\n<caption>Made from</caption>\n<tbody>\n";
  for (const Source& source : facts.sources) {
    html += cat("<tr><th scope=\"row\">", xml_text(source.part), "</th><td>", xml_text(source.name),
                "</td><td class=\"hash\">", xml_text(source.xxh128), "</td></tr>\n");
  }
  return cat(
      html, "</tbody>\n</table>\n<p class=\"made\">", xml_text(facts.program),
      ". The tables beside this page hold all numbers; run.json says how they were made.</p>\n",
      kSectionEnd);
}

}  // namespace explainn::model::report
