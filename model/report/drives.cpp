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

// Filters with a positive effect on a task, the largest first.
std::vector<std::size_t> drivers(const Report& report, std::size_t task) {
  std::vector<std::size_t> units;
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    const Filter& filter = report.filters[u];
    if (!filter.dead() && filter.effects[task].value > 0) units.push_back(u);
  }
  std::stable_sort(units.begin(), units.end(), [&](std::size_t a, std::size_t b) {
    return report.filters[a].effects[task].value > report.filters[b].effects[task].value;
  });
  if (units.size() > kShown) units.resize(kShown);
  return units;
}

std::string small_number(const Number& number, std::string_view what) {
  return cat("<span class=\"small\">", what, " ", number_data(number, 3), "</span>");
}

std::string driver_cell(const Report& report, std::size_t unit, std::size_t task, double largest) {
  const Filter& filter = report.filters[unit];
  std::string html = cat("<td class=\"driver\"><a href=\"#", card_id(unit), "\">",
                         small_logo(filter, unit, kRowLogo), "<span class=\"motif\">",
                         xml_text(display_name(filter)), "</span>");
  if (filter.named()) html += cat(" <span class=\"id\">", xml_text(filter.id), "</span>");
  html += "</a>\n";
  const double share = std::clamp(filter.effects[task].value / largest, 0.0, 1.0);
  html +=
      cat("<span class=\"measure\"><span class=\"track\"><span class=\"bar\" style=\"width:",
          svg_number(100 * share, 1), "%\"></span></span>", number_data(filter.effects[task], 3),
          "</span>\n<span class=\"more\">", small_number(filter.weights[task], "weight"), " ",
          small_number(filter.importances[task], "importance"), "</span>\n");
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
  double largest = 0;
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    chosen.push_back(drivers(report, t));
    for (const std::size_t u : chosen.back()) {
      largest = std::max(largest, report.filters[u].effects[t].value);
    }
  }
  std::string html = section_start(
      "drives", "Which motif drives which task",
      "For each task the three filters that do most to tell its sequences apart. The bar is the "
      "effect: how much more a filter adds to the prediction where the task's label is 1 than "
      "where "
      "it is 0 (for labels that are numbers: per unit of the label). Bars of all tasks have one "
      "scale.");
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
      html += cat("<td class=\"none\" colspan=\"", kShown - chosen[t].size(), "\">",
                  chosen[t].empty() ? "no filter has a positive effect" : "", "</td>\n");
    }
    html += "</tr>\n";
  }
  return cat(html, "</tbody>\n</table>\n</div>\n", kSectionEnd);
}

}  // namespace explainn::model::report
