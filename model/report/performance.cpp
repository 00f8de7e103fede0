// How good the model is, and how its training went.
#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "model/interpret/learning_curve.h"
#include "model/plot_axis.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr double kUnits = 1000;  // of a curve's points, either way

// As in performance-metrics.tsv.
Number metric(double value) {
  return {std::isnan(value) ? "nan" : general_number(value, 10), value};
}

// Steps from point to point, in the plane of a plot: y downwards.
std::string path_of(const std::vector<CurvePoint>& points) {
  std::string path;
  CurvePoint last{0, 0};
  for (const CurvePoint& point : points) {
    const CurvePoint here{point.x, static_cast<std::int32_t>(kUnits) - point.y};
    path += path.empty() ? cat("M", here.x, " ", here.y)
                         : cat("l", here.x - last.x, " ", here.y - last.y);
    last = here;
  }
  return path;
}

// What guessing gives: the diagonal of ROC, the share of positives.
std::string chance_path(const TaskCurves& curves, bool roc) {
  if (roc) return "M0 1000L1000 0";
  const auto share = static_cast<double>(curves.positives) /
                     static_cast<double>(curves.positives + curves.negatives);
  return cat("M0 ", svg_number(kUnits - kUnits * share, 0), "H1000");
}

std::string small_curve(const std::string& task, const TaskCurves& curves, bool roc) {
  const std::vector<CurvePoint>& points = roc ? curves.roc : curves.precision_recall;
  return cat("<svg class=\"curve\" viewBox=\"-10 -10 1020 1020\" role=\"img\" aria-label=\"",
             roc ? "ROC curve" : "precision-recall curve", " of ", xml_text(task),
             "\"><path class=\"frame\" d=\"M0 0V1000H1000\"/><path class=\"chance\" d=\"",
             chance_path(curves, roc), "\"/><path class=\"line\" d=\"", path_of(points),
             "\"/></svg>");
}

std::string area(const Performance& performance, const char* name, std::size_t task) {
  const MetricRow* const row = performance.metrics.find(name);
  return row == nullptr ? "" : number_data(metric(row->per_task[task]), 3);
}

std::string curve_tiles(const Report& report) {
  const Performance& performance = *report.facts.performance;
  std::string html = "<div class=\"tiles\">\n";
  for (std::size_t t = 0; t < performance.curves.size(); ++t) {
    const TaskCurves& curves = performance.curves[t];
    if (curves.roc.empty()) continue;
    html += cat("<figure class=\"tile\">\n<figcaption>", xml_text(report.facts.tasks[t]),
                "</figcaption>\n<div class=\"pair\"><div>",
                small_curve(report.facts.tasks[t], curves, true), "<p>ROC ",
                area(performance, "aucROC", t), "</p></div><div>",
                small_curve(report.facts.tasks[t], curves, false), "<p>PR ",
                area(performance, "aucPR", t), "</p></div></div>\n</figure>\n");
  }
  return html + "</div>\n";
}

// Rows of metrics that have a number for tasks, in columns.
std::string metric_table(const Report& report) {
  const Performance& performance = *report.facts.performance;
  const bool curves = !performance.curves.empty();
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"performance-title\">\n"
      "<table class=\"sortable compact\" id=\"metric-table\">\n<thead><tr><th "
      "scope=\"col\">Task</th>";
  if (curves) {
    html +=
        "<th scope=\"col\" class=\"n\">Positive</th><th scope=\"col\" class=\"n\">Negative</th>";
  }
  for (const MetricRow& row : performance.metrics.rows) {
    html += cat("<th scope=\"col\" class=\"n\">", xml_text(row.name), "</th>");
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    html += cat("<tr><th scope=\"row\">", xml_text(report.facts.tasks[t]), "</th>");
    if (curves) {
      for (const std::int64_t count :
           {performance.curves[t].positives, performance.curves[t].negatives}) {
        html += cat("<td class=\"n\" data-value=\"", count, "\">", grouped(count), "</td>");
      }
    }
    for (const MetricRow& row : performance.metrics.rows) {
      html += number_cell(metric(row.per_task[t]), 3);
    }
    html += "</tr>\n";
  }
  html += "</tbody>\n<tfoot><tr><th scope=\"row\">global</th>";
  if (curves) html += "<td></td><td></td>";
  for (const MetricRow& row : performance.metrics.rows) {
    html += number_cell(metric(row.global), 3);
  }
  return html + "</tr></tfoot>\n</table>\n</div>\n";
}

// A plot of its own, for a paper.
std::string curve_svg(const std::string& title, const char* x_name, const char* y_name,
                      const std::string& chance, const std::string& line) {
  constexpr double kSize = 300;
  constexpr double kLeft = 56;
  constexpr double kTop = 40;
  std::string svg =
      svg_file(kLeft + kSize + 20, kTop + kSize + 52, title,
               " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"#222222\"");
  svg += svg_text(kLeft, 24, "start", title, " font-size=\"14\"");
  for (int tenths = 0; tenths <= 10; tenths += 2) {
    const double share = tenths / 10.0;
    const std::string label = svg_number(share, 1);
    svg += svg_text(kLeft + share * kSize, kTop + kSize + 18, "middle", label);
    svg += svg_text(kLeft - 8, kTop + (1 - share) * kSize + 4, "end", label);
  }
  svg += svg_text(kLeft + kSize / 2, kTop + kSize + 40, "middle", x_name);
  svg += svg_text(16, kTop + kSize / 2, "middle", y_name,
                  cat(" transform=\"rotate(-90 16 ", svg_number(kTop + kSize / 2, 1), ")\""));
  svg += cat("<g transform=\"translate(", svg_number(kLeft, 1), " ", svg_number(kTop, 1), ")scale(",
             svg_number(kSize / kUnits, 4), ")\" fill=\"none\" stroke-width=\"5\">\n");
  svg += "<path d=\"M0 0V1000H1000\" stroke=\"#333333\" stroke-width=\"3.5\"/>\n";
  svg += cat("<path d=\"", chance, "\" stroke=\"#999999\" stroke-dasharray=\"14 12\"/>\n");
  svg += cat("<path d=\"", line,
             "\" stroke=\"#b2500c\" stroke-width=\"7\" stroke-linejoin=\"round\"/>\n");
  return svg + "</g>\n</svg>\n";
}

std::string split_name(const std::string& split) {
  return split.empty() ? "all" : "the " + split;
}

}  // namespace

std::string performance_section(const Report& report) {
  if (!report.facts.performance) return "";
  const Performance& performance = *report.facts.performance;
  const bool same = performance.split == report.facts.split;
  std::string words =
      cat("On ", split_name(performance.split), " sequences (", grouped(performance.sequences), ")",
          same ? ", the ones that were interpreted: the data have no others" : "", ".");
  if (!performance.curves.empty()) {
    words +=
        " Curves: false against true positive rate (ROC), recall against precision (PR); dashed: "
        "chance.";
  }
  std::string html = section_start("performance", "How well each task is predicted", words);
  html += metric_table(report);
  if (!performance.curves.empty()) html += curve_tiles(report);
  return cat(html, kSectionEnd);
}

std::string training_section(const Report& report) {
  if (report.facts.epochs.empty()) return "";
  std::string svg = learning_curve_svg(report.facts.epochs);
  svg.erase(0, svg.find('\n') + 1);  // the first line of a file of its own
  return cat(section_start("training", "How the training went", ""),
             "<div class=\"scroll plot learning\">\n", svg, "</div>\n", kSectionEnd);
}

std::string roc_svg(const std::string& task, const TaskCurves& curves, double auc) {
  return curve_svg(cat(task, ": area ", general_number(auc, 3)), "False positive rate",
                   "True positive rate", chance_path(curves, true), path_of(curves.roc));
}

std::string precision_recall_svg(const std::string& task, const TaskCurves& curves, double auc) {
  return curve_svg(cat(task, ": average precision ", general_number(auc, 3)), "Recall", "Precision",
                   chance_path(curves, false), path_of(curves.precision_recall));
}

}  // namespace explainn::model::report
