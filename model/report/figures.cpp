// The plots of the page as files.
#include <cmath>

#include "kernels/base/error.h"
#include "model/interpret/learning_curve.h"
#include "model/motif/logo.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr std::string_view kGrey = " color=\"#757575\"";  // on white and on black

std::string plot_svg(const Plot& plot, std::string_view ink) {
  return svg_file(plot.width, plot.height, plot.title,
                  cat(ink,
                      " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"10\" "
                      "fill=\"currentColor\"")) +
         plot.group + "</svg>\n";
}

void add_curves(const Report& report, std::vector<Figure>& figures) {
  const Performance& performance = *report.facts.performance;
  const MetricRow* const roc = performance.metrics.find("aucROC");
  const MetricRow* const precision = performance.metrics.find("aucPR");
  for (std::size_t t = 0; t < performance.curves.size(); ++t) {
    const TaskCurves& curves = performance.curves[t];
    const std::string& task = report.facts.tasks[t];
    if (curves.roc.empty() || roc == nullptr || precision == nullptr) continue;
    figures.push_back({"roc", task, roc_svg(task, curves, roc->per_task[t])});
    figures.push_back(
        {"precision-recall", task, precision_recall_svg(task, curves, precision->per_task[t])});
  }
}

void add_filter(const Report& report, std::size_t unit, std::vector<Figure>& figures) {
  const Filter& filter = report.filters[unit];
  if (filter.dead()) return;
  LogoOptions options;
  figures.push_back({"logos", filter.id, logo_svg(*filter.motif, options)});
  options.reverse_complement = true;
  figures.push_back({"logos", filter.id + "-reverse", logo_svg(*filter.motif, options)});
  figures.push_back({"importances", filter.id, plot_svg(importance_plot(report, unit), kGrey)});
  const data::Motif* const known = filter.match ? report.known(filter.match->motif) : nullptr;
  if (known == nullptr) return;
  figures.push_back(
      {"matches", filter.id,
       aligned_logos(*filter.motif, *known, static_cast<std::int64_t>(filter.match->offset.value),
                     filter.match->reverse, {})});
}

}  // namespace

std::vector<Figure> report_figures(const Report& report) {
  std::vector<Figure> figures;
  if (!report.facts.epochs.empty()) {
    figures.push_back({"", "learning-curve", learning_curve_svg(report.facts.epochs)});
  }
  figures.push_back({"", "heat-map", plot_svg(heat_map(report).plot, kGrey)});
  if (report.facts.performance) add_curves(report, figures);
  for (const Mode& mode : report.modes) {
    if (mode.members.size() < 2) continue;
    figures.push_back({"modes", mode.id, plot_svg(mode_plot(report, mode, false), kGrey)});
  }
  for (std::size_t u = 0; u < report.filters.size(); ++u) add_filter(report, u, figures);
  return figures;
}

}  // namespace explainn::model::report
