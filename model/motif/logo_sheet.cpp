#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "model/motif/logo.h"
#include "model/motif/logo_parts.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

constexpr double kPageRatio = 1.4142;  // height by width of A4
constexpr double kMargin = 24;         // around all
constexpr double kGap = 24;            // between logos
// A single very wide motif does not set the width of all cells: its columns become narrow instead.
constexpr std::size_t kMostColumns = 30;

struct Grid {
  std::size_t columns;
  double cell_width;
  double cell_height;

  double x(std::size_t column) const {
    return kMargin + static_cast<double>(column) * (cell_width + kGap);
  }
  double y(std::size_t row) const {
    return kMargin + static_cast<double>(row) * (cell_height + kGap);
  }
};

// As many cells a row as make the sheet most like a page.
Grid grid_for(std::span<const data::Motif> motifs, const LogoOptions& options) {
  std::size_t widest = 1;
  for (const data::Motif& motif : motifs) widest = std::max(widest, motif.columns.size());
  const LogoSize size = logo_size(std::min(widest, kMostColumns), options);
  const double width = std::max(size.width, 12 * font_pixels(options));
  const double height = line_pixels(options) + size.height;
  const auto count = static_cast<double>(std::max<std::size_t>(motifs.size(), 1));
  const double a_row = std::sqrt(count * (height + kGap) / ((width + kGap) * kPageRatio));
  return {static_cast<std::size_t>(std::clamp(std::round(a_row), 1.0, count)), width, height};
}

// "185 sites"; empty where their number is not known.
std::string sites_of(const data::Motif& motif) {
  if (motif.sites < 1) return "";
  const std::string number = svg_number(std::floor(motif.sites), 0);
  return number + (number == "1" ? " site" : " sites");
}

// "<b>MA0139.1</b> CTCF 913 sites", cut where the cell ends.
std::string heading(const data::Motif& motif, double room, const LogoOptions& options) {
  std::string words;
  const auto add = [&](const std::string& part, std::string_view style) {
    if (part.empty() || room < font_pixels(options) * 2) return;
    const std::string shown = fitting(part, room, options);
    words += cat("<tspan", style, ">", xml_text(shown), "</tspan> ");
    room -= shown == part ? word_pixels(part + " ", options) : room;
  };
  add(motif.id, " font-weight=\"bold\"");
  add(motif.name == motif.id ? "" : motif.name, "");
  add(sites_of(motif), " fill=\"#6b6b6b\"");
  return cat("<text y=\"", svg_number(font_pixels(options), 1), "\">", words, "</text>\n");
}

std::string cell(const data::Motif& motif, const Grid& grid, LogoOptions options) {
  if (motif.columns.size() > kMostColumns) {
    options.column_width *=
        static_cast<double>(kMostColumns) / static_cast<double>(motif.columns.size());
  }
  return cat("<title>", xml_text(logo_title(motif, options)), "</title>\n",
             heading(motif, grid.cell_width, options), "<g transform=\"translate(0 ",
             svg_number(line_pixels(options), 2), ")\">\n", logo_group(motif, options), "</g>\n");
}

}  // namespace

std::string logo_sheet(std::span<const data::Motif> motifs, const LogoOptions& options) {
  LogoOptions shared = options;
  shared.shared_glyphs = true;
  shared.title.clear();
  const Grid grid = grid_for(motifs, options);
  const std::size_t rows = (motifs.size() + grid.columns - 1) / grid.columns;
  const double width = grid.x(grid.columns - 1) + grid.cell_width + kMargin;
  const double height = grid.y(rows) - kGap + kMargin;
  const std::string title = options.title.empty() ? "Sequence logos" : options.title;
  std::string svg =
      svg_file(width, height, title, cat(word_style(options), " color=\"#222222\""), "group") +
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + logo_glyphs();
  for (std::size_t i = 0; i < motifs.size(); ++i) {
    svg += cat("<g transform=\"translate(", svg_number(grid.x(i % grid.columns), 2), " ",
               svg_number(grid.y(i / grid.columns), 2), ")\" role=\"img\">\n",
               cell(motifs[i], grid, shared), "</g>\n");
  }
  return svg + "</svg>\n";
}

}  // namespace explainn::model
