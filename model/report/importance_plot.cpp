// Box plots of what a filter adds to each task.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/base/error.h"
#include "model/plot_axis.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr double kPlotHeight = 120;
constexpr double kTop = 8;
constexpr double kLeft = 44;
constexpr const char* kPositive = "#c4560a";
constexpr const char* kNegative = "#2a6fbf";

using Box = std::array<double, kOutputFractions.size()>;

// Quantiles of output times weight. A negative weight turns their order.
Box box_of(const Box& outputs, double weight) {
  Box box{};
  for (std::size_t i = 0; i < box.size(); ++i) {
    box[i] = outputs[weight < 0 ? box.size() - 1 - i : i] * weight;
  }
  return box;
}

PlotAxis vertical_axis(const std::vector<Box>& boxes) {
  double least = 0;
  double most = 0;
  for (const Box& box : boxes) {
    for (const double value : box) {
      if (!std::isfinite(value)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  if (most - least <= 0) most = 1;
  const double step = round_step(most - least, 4);
  return {std::floor(least / step + 1e-6) * step, std::ceil(most / step - 1e-6) * step,
          kTop + kPlotHeight, kTop, step};
}

// Whiskers from the first to the last quantile, a box between the quartiles.
std::string box_path(const Box& box, const PlotAxis& axis, double x, double half) {
  const auto at = [&](std::size_t i) { return svg_number(axis.pixel(box[i]), 1); };
  const std::string left = svg_number(x - half, 1);
  const std::string width = svg_number(2 * half, 1);
  return cat("M", svg_number(x, 1), " ", at(0), "V", at(1), "M", svg_number(x, 1), " ", at(3), "V",
             at(4), "M", left, " ", at(1), "h", width, "V", at(3), "h-", width, "z");
}

std::string axis_group(const PlotAxis& axis, double right) {
  std::string svg;
  for (const double tick : axis.ticks()) {
    const double y = axis.pixel(tick);
    svg +=
        cat("<path d=\"M", svg_number(kLeft, 1), " ", svg_number(y, 1), "H", svg_number(right, 1),
            "\" stroke=\"currentColor\" stroke-opacity=\"", tick == 0 ? "0.6" : "0.15", "\"/>\n");
    svg += svg_text(kLeft - 5, y + kPlotFont / 3, "end", axis.label(tick));
  }
  return svg;
}

std::string drawn_boxes(const std::string& paths, const char* colour) {
  if (paths.empty()) return "";
  return cat("<path fill=\"", colour, "\" fill-opacity=\"0.3\" stroke=\"", colour, "\" d=\"", paths,
             "\"/>\n");
}

}  // namespace

Plot importance_plot(const Report& report, std::size_t unit) {
  const Filter& filter = report.filters[unit];
  const std::size_t tasks = report.tasks();
  const double step = std::clamp(600.0 / static_cast<double>(tasks), 11.0, 26.0);
  const double right = kLeft + static_cast<double>(tasks) * step;
  std::vector<Box> boxes;
  for (const Number& weight : filter.weights) {
    boxes.push_back(box_of(report.facts.outputs[unit], weight.value));
  }
  const PlotAxis axis = vertical_axis(boxes);
  double labels = 0;  // below the plot, turned
  for (const std::string& task : report.facts.tasks) labels = std::max(labels, label_pixels(task));
  Plot plot{right + 12, kTop + kPlotHeight + labels + 12,
            cat("importance of ", filter.id, " for each task: medians, quartiles, 5 and 95 %"),
            axis_group(axis, right)};
  std::string positive;
  std::string negative;
  std::string medians;
  for (std::size_t t = 0; t < tasks; ++t) {
    const double x = kLeft + (static_cast<double>(t) + 0.5) * step;
    const bool drawn = std::all_of(boxes[t].begin(), boxes[t].end(),
                                   [](double value) { return std::isfinite(value); });
    if (drawn) {
      (filter.weights[t].value < 0 ? negative : positive) +=
          box_path(boxes[t], axis, x, 0.36 * step);
      medians += cat("M", svg_number(x - 0.36 * step, 1), " ",
                     svg_number(axis.pixel(filter.importances[t].value), 1), "h",
                     svg_number(0.72 * step, 1));
    }
    const double y = kTop + kPlotHeight + 6;
    const bool top = t == top_effect(filter);
    plot.group += svg_text(x + kPlotFont / 3, y, "end", plot_label(report.facts.tasks[t]),
                           cat(top ? " font-weight=\"bold\"" : "", " transform=\"rotate(-90 ",
                               svg_number(x + kPlotFont / 3, 1), " ", svg_number(y, 1), ")\""));
  }
  plot.group += drawn_boxes(positive, kPositive) + drawn_boxes(negative, kNegative);
  if (!medians.empty()) {
    plot.group += cat("<path fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" d=\"",
                      medians, "\"/>\n");
  }
  return plot;
}

}  // namespace explainn::model::report
