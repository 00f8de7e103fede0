// Final weights, filters by tasks. Colours are two hues that no common form of colour blindness
// confuses, more opaque the larger the weight, so that they work on light and dark. Cells of one
// shade are one path: 300 x 81 of them are some hundred kilobytes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/base/error.h"
#include "model/motif/linkage.h"
#include "model/plot_axis.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr int kShades = 8;
constexpr double kTree = 44;         // pixels for the trees
constexpr double kStrongest = 0.99;  // share of the weights that the scale spans
constexpr const char* kPositive = "#c4560a";
constexpr const char* kNegative = "#2a6fbf";

// A tree over some rows or columns: the order of its leaves, and its merges.
struct Tree {
  std::vector<std::size_t> order;
  std::vector<Merge> merges;
};

Tree tree_of(const std::vector<double>& values, std::size_t n) {
  if (n == 0) return {};
  const std::vector<double> distances = row_distances(values, n);
  Tree tree;
  tree.merges = hierarchical_clustering(distances, n, Linkage::complete);
  tree.order = leaf_order(distances, n, tree.merges);
  return tree;
}

// Brackets from leaf to root: `across` is where leaf 0 begins, `step` from leaf to leaf. Leaves lie
// at `bottom`, the root at `top`.
std::string tree_path(const Tree& tree, double across, double step, double bottom, double top,
                      bool sideways) {
  if (tree.merges.empty()) return "";
  std::vector<std::pair<double, double>> nodes(tree.order.size());  // across, along
  for (std::size_t i = 0; i < tree.order.size(); ++i) {
    nodes[tree.order[i]] = {across + (static_cast<double>(i) + 0.5) * step, bottom};
  }
  const double highest = std::max(tree.merges.back().height, 1e-300);
  const auto at = [&](double a, double b) {
    return sideways ? cat(svg_number(b, 1), " ", svg_number(a, 1))
                    : cat(svg_number(a, 1), " ", svg_number(b, 1));
  };
  std::string path;
  for (const Merge& merge : tree.merges) {
    const auto [left, left_bottom] = nodes[merge.left];
    const auto [right, right_bottom] = nodes[merge.right];
    const double height = bottom + (top - bottom) * (merge.height / highest);
    path += cat("M", at(left, left_bottom), "L", at(left, height), "L", at(right, height), "L",
                at(right, right_bottom));
    nodes.emplace_back((left + right) / 2, height);
  }
  return cat(
      "<path class=\"tree\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.45\" d=\"",
      path, "\"/>\n");
}

double scale_end(const std::vector<double>& weights) {
  std::vector<double> sizes = weights;
  for (double& size : sizes) size = std::abs(size);
  if (sizes.empty()) return 1;
  const auto at = static_cast<std::ptrdiff_t>(kStrongest * static_cast<double>(sizes.size() - 1));
  std::nth_element(sizes.begin(), sizes.begin() + at, sizes.end());
  const double end = sizes[static_cast<std::size_t>(at)];
  return end > 0 ? end : 1;
}

std::string cells(const Report& report, const HeatMap& map, std::size_t alive, double end) {
  std::vector<std::string> paths(std::size_t{2 * kShades + 1});  // shades -8 .. 8
  const std::string width = svg_number(map.cell_width, 2);
  const std::string height = svg_number(map.cell_height, 2);
  for (std::size_t r = 0; r < alive; ++r) {
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const double weight = report.filters[map.rows[r]].weights[map.columns[c]].value;
      const long shade = std::lround(kShades * std::clamp(weight / end, -1.0, 1.0));
      paths[static_cast<std::size_t>(kShades + shade)] +=
          cat("M", svg_number(map.left + static_cast<double>(c) * map.cell_width, 2), " ",
              svg_number(map.top + static_cast<double>(r) * map.cell_height, 2), "h", width, "v",
              height, "h-", width, "z");
    }
  }
  std::string svg;
  int shade = -kShades - 1;
  for (const std::string& path : paths) {
    ++shade;
    if (shade == 0 || path.empty()) continue;
    svg += cat("<path fill=\"", shade > 0 ? kPositive : kNegative, "\" fill-opacity=\"",
               svg_number(std::abs(shade) / static_cast<double>(kShades), 3), "\" d=\"", path,
               "\"/>\n");
  }
  return svg;
}

std::string row_name(const Filter& filter) {
  if (filter.named()) return filter.annotation + " " + filter.id;
  return filter.id + (filter.annotation.empty() ? "" : " " + filter.annotation);
}

std::string labels(const Report& report, const HeatMap& map, double right) {
  std::string svg;
  for (std::size_t c = 0; c < map.columns.size(); ++c) {
    const double x = map.left + (static_cast<double>(c) + 0.5) * map.cell_width + kPlotFont / 3;
    const std::string where =
        cat(" transform=\"rotate(-90 ", svg_number(x, 1), " ", svg_number(map.top - 4, 1), ")\"");
    svg += svg_text(x, map.top - 4, "start", plot_label(report.facts.tasks[map.columns[c]]), where);
  }
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    const Filter& filter = report.filters[map.rows[r]];
    const double y = map.top + (static_cast<double>(r) + 0.5) * map.cell_height + kPlotFont / 3;
    const bool grey = !filter.named() && !report.facts.distance.empty();
    svg += svg_text(right + 5, y, "start", plot_label(row_name(filter)),
                    grey ? " fill-opacity=\"0.55\"" : "");
  }
  return svg;
}

// The colours and what they stand for.
std::string legend(double x, double y, double end) {
  constexpr double kBox = 13;
  std::string svg;
  for (int shade = -kShades; shade <= kShades; ++shade) {
    svg += cat("<rect x=\"", svg_number(x + (shade + kShades) * kBox, 1), "\" y=\"",
               svg_number(y, 1), "\" width=\"13\" height=\"10\" fill=\"",
               shade > 0 ? kPositive : kNegative, "\" fill-opacity=\"",
               svg_number(std::abs(shade) / static_cast<double>(kShades), 3), "\"/>\n");
  }
  const double width = (2 * kShades + 1) * kBox;
  svg += svg_text(x, y + 22, "start", "\xe2\x88\x92" + general_number(end, 2));
  svg += svg_text(x + width / 2, y + 22, "middle", "0");
  svg += svg_text(x + width, y + 22, "end", general_number(end, 2));
  svg += svg_text(x + width + 10, y + 9, "start", "final weight (beyond: the strongest shade)");
  return svg;
}

// What the cells are, without where they lie.
struct Clustered {
  std::vector<std::size_t> alive;  // filters with sites
  std::vector<double> weights;     // [alive, T]
  Tree rows, columns;
};

Clustered clustered(const Report& report) {
  Clustered data;
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    if (report.filters[u].dead()) continue;
    data.alive.push_back(u);
    for (const Number& weight : report.filters[u].weights) data.weights.push_back(weight.value);
  }
  if (data.alive.empty()) return data;
  const std::size_t tasks = report.tasks();
  std::vector<double> turned(data.weights.size());  // [T, alive]
  for (std::size_t i = 0; i < turned.size(); ++i) {
    turned[i % tasks * data.alive.size() + i / tasks] = data.weights[i];
  }
  data.rows = tree_of(data.weights, data.alive.size());
  data.columns = tree_of(turned, tasks);
  return data;
}

HeatMap arranged(const Report& report, const Clustered& data) {
  HeatMap map;
  for (const std::size_t row : data.rows.order) map.rows.push_back(data.alive[row]);
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    if (report.filters[u].dead()) map.rows.push_back(u);
  }
  map.columns = data.columns.order;
  if (data.alive.empty()) {
    map.columns.resize(report.tasks());
    std::iota(map.columns.begin(), map.columns.end(), 0);
  }
  double label = 0;
  for (const std::string& task : report.facts.tasks) label = std::max(label, label_pixels(task));
  map.cell_height = 12;
  map.cell_width = std::clamp(840.0 / static_cast<double>(report.tasks()), 12.0, 28.0);
  map.left = kTree + 6;
  map.top = kTree + label + 12;
  return map;
}

std::string rectangle(double x, double y, double width, double height, std::string_view style) {
  return cat("<rect x=\"", svg_number(x, 2), "\" y=\"", svg_number(y, 2), "\" width=\"",
             svg_number(width, 2), "\" height=\"", svg_number(height, 2), "\" ", style, "/>\n");
}

}  // namespace

HeatMap heat_map(const Report& report) {
  const Clustered data = clustered(report);
  HeatMap map = arranged(report, data);
  const double width = static_cast<double>(report.tasks()) * map.cell_width;
  const double height = static_cast<double>(map.rows.size()) * map.cell_height;
  const double right = map.left + width;
  const double bottom = map.top + height;
  double label = 0;
  for (const Filter& filter : report.filters) {
    label = std::max(label, label_pixels(row_name(filter)));
  }
  const double end = scale_end(data.weights);
  std::string svg = cells(report, map, data.alive.size(), end);
  const auto dead = static_cast<double>(map.rows.size() - data.alive.size());
  if (dead > 0) {
    const double dead_height = dead * map.cell_height;
    svg += rectangle(map.left, bottom - dead_height, width, dead_height,
                     "fill=\"currentColor\" fill-opacity=\"0.12\"");
  }
  svg += rectangle(map.left, map.top, width, height,
                   "fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.35\"");
  svg += tree_path(data.rows, map.top, map.cell_height, map.left - 3, 2, true);
  svg += tree_path(data.columns, map.left, map.cell_width, kTree, 2, false);
  svg += labels(report, map, right) + legend(map.left, bottom + 16, end);
  map.plot = {std::max(right + label + 10, map.left + 460), bottom + 48,
              "Final weights of filters and tasks, clustered", svg};
  return map;
}

std::string weights_section(const Report& report) {
  const HeatMap map = heat_map(report);
  std::string html = section_start(
      "weights", "Final weights",
      "What the output of each unit counts for in each task. Rows and columns are clustered "
      "(Euclidean distance, complete linkage); filters without sites stand last. With the arrow "
      "keys, or by pointing, each cell can be read.");
  html += "<p class=\"readout\" hidden=\"hidden\" aria-live=\"polite\" id=\"cell\"></p>\n";
  html +=
      "<div class=\"scroll plot tall\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"weights-title\" id=\"heat-map\">\n";
  html += svg_element(
      map.plot.width, map.plot.height, map.plot.title,
      cat(" class=\"heat\" font-size=\"", svg_number(kPlotFont, 0), "\" fill=\"currentColor\""));
  return cat(html, map.plot.group, "</svg>\n</div>\n", kSectionEnd);
}

}  // namespace explainn::model::report
