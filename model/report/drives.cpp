// Which motif drives which task.
#include <algorithm>
#include <numeric>

#include "kernels/base/error.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr std::size_t kShown = 3;  // filters a task
constexpr double kRowLogo = 38;

// Filters with a positive importance for a task, the largest first.
std::vector<std::size_t> drivers(const Report& report, std::size_t task) {
  std::vector<std::size_t> units;
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    const Filter& filter = report.filters[u];
    if (!filter.dead() && filter.importances[task].value > 0) units.push_back(u);
  }
  std::stable_sort(units.begin(), units.end(), [&](std::size_t a, std::size_t b) {
    return report.filters[a].importances[task].value > report.filters[b].importances[task].value;
  });
  if (units.size() > kShown) units.resize(kShown);
  return units;
}

struct Largest {
  double importance = 0;
  double weight = 0;
};

std::string bar(const char* kind, const Number& number, double largest, std::string_view what) {
  const double share = largest > 0 ? std::clamp(number.value / largest, 0.0, 1.0) : 0;
  return cat("<span class=\"measure ", kind,
             "\"><span class=\"track\"><span class=\"bar\" style=\"width:",
             svg_number(100 * share, 1), "%\"></span></span>", number_data(number, 3),
             " <span class=\"unit\">", what, "</span></span>");
}

std::string driver_cell(const Report& report, std::size_t unit, std::size_t task,
                        const Largest& largest) {
  const Filter& filter = report.filters[unit];
  std::string html = cat("<td class=\"driver\"><a href=\"#", card_id(unit), "\">",
                         small_logo(filter, unit, kRowLogo), "<span class=\"motif\">",
                         xml_text(display_name(filter)), "</span>");
  if (filter.named()) html += cat(" <span class=\"id\">", xml_text(filter.id), "</span>");
  html += "</a>\n";
  html += bar("importance", filter.importances[task], largest.importance, "importance");
  html += bar("weight", filter.weights[task], largest.weight, "weight");
  return html + "</td>\n";
}

// The area under the curve that says most, or the correlation, under the task's name.
std::string quality(const Report& report, std::size_t task) {
  if (!report.facts.performance) return "";
  for (const char* name : {"aucPR", "Pearson-per-task"}) {
    const MetricRow* const row = report.facts.performance->metrics.find(name);
    if (row == nullptr) continue;
    return cat("<span class=\"quality\">", row->name == "aucPR" ? "aucPR" : "Pearson", " ",
               shown(row->per_task[task], 3), "</span>");
  }
  return "";
}

}  // namespace

std::string drives_section(const Report& report) {
  std::vector<std::vector<std::size_t>> chosen;
  Largest largest;
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    chosen.push_back(drivers(report, t));
    for (const std::size_t u : chosen.back()) {
      largest.importance = std::max(largest.importance, report.filters[u].importances[t].value);
      largest.weight = std::max(largest.weight, report.filters[u].weights[t].value);
    }
  }
  std::string html = section_start(
      "drives", "Which motif drives which task",
      "For each task the three filters that add most to its prediction where they fire: their "
      "motif, "
      "the median of what they add (importance) and the weight that their unit has in the task. "
      "Bars of all tasks have one scale.");
  html +=
      "<p class=\"tools\" hidden=\"hidden\"><label>Find a task or motif <input type=\"search\" "
      "data-filters=\"drives-table\"/></label> <output></output></p>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"drives-title\">\n"
      "<table class=\"drives\" id=\"drives-table\">\n<thead><tr><th scope=\"col\">Task</th>";
  for (const char* rank : {"1st", "2nd", "3rd"}) html += cat("<th scope=\"col\">", rank, "</th>");
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    html += cat("<tr><th scope=\"row\">", xml_text(report.facts.tasks[t]), quality(report, t),
                "</th>\n");
    for (const std::size_t u : chosen[t]) html += driver_cell(report, u, t, largest);
    if (chosen[t].size() < kShown) {
      html += cat(
          "<td class=\"none\" colspan=\"", kShown - chosen[t].size(), "\">",
          chosen[t].empty() ? "no filter adds to it in half of the sequences where it fires" : "",
          "</td>\n");
    }
    html += "</tr>\n";
  }
  return cat(html, "</tbody>\n</table>\n</div>\n", kSectionEnd);
}

}  // namespace explainn::model::report
