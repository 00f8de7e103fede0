// The sections of the page, in its order. Each is HTML, or empty where there is nothing to show;
// the page leaves it and its entry in the navigation out.
#pragma once

#include <string>

#include "model/report/report.h"

namespace explainn::model::report {

/// Title and a paragraph in words.
std::string summary(const Report& report);
/// The motifs that discover found, by rank.
std::string discovered_section(const Report& report);
/// Which motif drives which task: the filters of largest positive importance for each.
std::string drives_section(const Report& report);
/// Filters whose motifs say the same, and what they add together.
std::string modes_section(const Report& report);
/// Metrics of each task, and ROC and precision-recall curves where tasks are binary.
std::string performance_section(const Report& report);
/// Losses by epoch.
std::string training_section(const Report& report);
/// Final weights of all filters, clustered.
std::string weights_section(const Report& report);
/// All filters, a row each.
std::string filters_section(const Report& report);
/// All filters, a card each.
std::string cards_section(const Report& report);
/// What the words and numbers mean, and what the report was made from.
std::string notes_section(const Report& report);

/// What the script needs to know: names, and the numbers of weights.tsv and importances.tsv.
std::string script_data(const Report& report);

// Plots that are also files.

/// <g> with the boxes of one filter's importances, a task each, and its size.
struct Plot {
  double width, height;
  std::string title;
  std::string group;
};
Plot importance_plot(const Report& report, std::size_t unit);

/// The logos of a mode's filters under each other as they are aligned; in a `page` they refer to
/// its glyphs and logos, and their names to cards.
Plot mode_plot(const Report& report, const Mode& mode, bool page);

/// Where the cells of the heat map lie, in pixels, and what is in its rows and columns.
struct HeatMap {
  std::vector<std::size_t> rows;     ///< [U] filters, dead ones last
  std::vector<std::size_t> columns;  ///< [T] tasks
  double left, top, cell_width, cell_height;
  Plot plot;
};
HeatMap heat_map(const Report& report);

/// One of a task's curves with its axes, as a file.
std::string roc_svg(const std::string& task, const TaskCurves& curves, double area);
std::string precision_recall_svg(const std::string& task, const TaskCurves& curves, double area);

}  // namespace explainn::model::report
