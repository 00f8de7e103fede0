// All filters in a table, and what the script sorts and looks up.
#include <cmath>
#include <nlohmann/json.hpp>

#include "kernels/base/error.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr double kRowLogo = 26;

std::string text_cell(std::string_view text, std::string_view kind = "") {
  return cat("<td", kind.empty() ? "" : " class=\"", kind, kind.empty() ? "" : "\"", ">",
             xml_text(text), "</td>");
}

std::string row(const Report& report, std::size_t unit) {
  const Filter& filter = report.filters[unit];
  std::string html = cat("<tr data-unit=\"", unit, "\"", filter.named() ? "" : " class=\"grey\"",
                         "><th scope=\"row\"><a href=\"#", card_id(unit), "\">",
                         xml_text(filter.id), "</a></th><td>");
  if (!filter.dead()) html += small_logo(filter, unit, kRowLogo);
  html += "</td>";
  if (!report.facts.distance.empty()) {
    html += text_cell(filter.annotation);
    html += number_cell(filter.match ? filter.match->q : Number{"", std::nan("")}, 2);
  }
  html += number_cell(filter.sites, 9) + number_cell(filter.information, 3);
  html += text_cell(filter.consensus, "letters");
  const std::size_t task = top_effect(filter);
  const bool any = task < report.tasks();
  html += text_cell(any ? report.facts.tasks[task] : "");
  html += number_cell(any ? filter.effects[task] : Number{"nan", std::nan("")}, 3);
  html += text_cell(filter.top_task) + number_cell(filter.importance, 3);
  return html + "</tr>\n";
}

// A table's number as JSON: the same digits, null for what is none.
std::string json_number(const Number& number) {
  return std::isfinite(number.value) ? number.text : "null";
}

std::string json_rows(const Report& report, std::vector<Number> Filter::*numbers) {
  std::string json = "[";
  for (const Filter& filter : report.filters) {
    json += json.size() > 1 ? ",[" : "[";
    for (std::size_t t = 0; t < report.tasks(); ++t) {
      json += (t > 0 ? "," : "") + json_number((filter.*numbers)[t]);
    }
    json += "]";
  }
  return json + "]";
}

// Nothing that could end the element it stands in.
std::string script_safe(const std::string& json) {
  std::string safe;
  for (const char letter : json) {
    if (letter == '<' || letter == '>' || letter == '&') {
      safe += letter == '<' ? "\\u003c" : letter == '>' ? "\\u003e" : "\\u0026";
    } else {
      safe += letter;
    }
  }
  return safe;
}

}  // namespace

std::string filters_section(const Report& report) {
  const bool compared = !report.facts.distance.empty();
  std::string html =
      section_start("filters", "All filters",
                    cat("Effect and importance: the largest, either way, and its task. ",
                        "Filters ", compared ? "without a name" : "without sites", " are grey."));
  html +=
      "<p class=\"tools\" hidden=\"hidden\"><label>Find <input type=\"search\" "
      "data-filters=\"filter-table\" placeholder=\"name, letters, task\"/></label> "
      "<label>Effect on <select id=\"task\"><option value=\"\">the task of the largest</option>";
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    html += cat("<option value=\"", t, "\">", xml_text(report.facts.tasks[t]), "</option>");
  }
  html +=
      "</select></label> <output></output></p>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"filters-title\">\n"
      "<table class=\"sortable\" id=\"filter-table\">\n<thead><tr>";
  html += column_header("Filter", false) + "<th scope=\"col\" class=\"fixed\">Motif</th>";
  if (compared)
    html +=
        column_header("Looks like", false) + column_header("q", true, " data-first=\"ascending\"");
  html += column_header("Sites", true) + column_header("Bits", true) +
          column_header("Consensus", false);
  html +=
      column_header("Effect on", false) + column_header("Effect", true, " id=\"effect-column\"");
  html += column_header("Important for", false) + column_header("Importance", true);
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t u = 0; u < report.filters.size(); ++u) html += row(report, u);
  return cat(html, "</tbody>\n</table>\n</div>\n", kSectionEnd);
}

std::string script_data(const Report& report) {
  const HeatMap map = heat_map(report);
  nlohmann::ordered_json names;
  names["tasks"] = report.facts.tasks;
  names["filters"] = nlohmann::json::array();
  for (const Filter& filter : report.filters) {
    names["filters"].push_back(filter.named() ? filter.annotation + " (" + filter.id + ")"
                                              : filter.id);
  }
  names["rows"] = map.rows;
  names["columns"] = map.columns;
  names["cells"] = {map.left, map.top, map.cell_width, map.cell_height};
  std::string json = names.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  json.pop_back();
  json += cat(",\"weights\":", json_rows(report, &Filter::weights),
              ",\"effects\":", json_rows(report, &Filter::effects),
              ",\"importances\":", json_rows(report, &Filter::importances), "}");
  return cat("<script type=\"application/json\" id=\"data\">", script_safe(json), "</script>\n");
}

}  // namespace explainn::model::report
