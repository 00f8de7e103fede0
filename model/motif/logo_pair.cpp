#include <algorithm>

#include "kernels/base/error.h"
#include "model/motif/logo.h"
#include "model/motif/logo_parts.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

constexpr double kGap = 0.08;  // between the two, of the height of a logo

// Columns from the first one of either motif.
struct Alignment {
  std::int64_t query;
  std::int64_t target;
  std::int64_t overlap;  // its first column
  std::int64_t overlapping;
  std::int64_t columns;
};

Alignment align(const data::Motif& query, const data::Motif& target, std::int64_t offset) {
  const auto query_width = static_cast<std::int64_t>(query.columns.size());
  const auto target_width = static_cast<std::int64_t>(target.columns.size());
  require(-query_width < offset && offset < target_width, "aligned_logos", "with an offset of ",
          offset, " a query of ", query_width, " columns does not meet a target of ", target_width);
  const std::int64_t first = std::min<std::int64_t>(offset, 0);
  const std::int64_t begin = std::max<std::int64_t>(offset, 0);
  const std::int64_t end = std::min(offset + query_width, target_width);
  return {offset - first, -first, begin - first, end - begin,
          std::max(offset + query_width, target_width) - first};
}

struct Row {
  const data::Motif& motif;
  std::string name;
  double x;
  double y;
};

std::string drawn(const Row& row, const LogoOptions& options) {
  return svg_text(row.x + logo_margins(options).left, row.y + font_pixels(options), "start",
                  row.name) +
         cat("<g transform=\"translate(", svg_number(row.x, 2), " ",
             svg_number(row.y + line_pixels(options), 2), ")\">\n", logo_group(row.motif, options),
             "</g>\n");
}

std::string shade(const Alignment& at, const LogoOptions& options, double height) {
  const double x =
      logo_margins(options).left + static_cast<double>(at.overlap) * options.column_width;
  return cat("<rect x=\"", svg_number(x, 2), "\" y=\"", svg_number(line_pixels(options), 2),
             "\" width=\"",
             svg_number(static_cast<double>(at.overlapping) * options.column_width, 2),
             "\" height=\"", svg_number(height, 2), "\" fill-opacity=\"0.1\"/>\n");
}

}  // namespace

std::string aligned_logos(const data::Motif& query, const data::Motif& target, std::int64_t offset,
                          bool reversed, const LogoOptions& options) {
  const Alignment at = align(query, target, offset);
  LogoOptions above = options;
  LogoOptions below = options;
  above.reverse_complement = false;
  below.reverse_complement = reversed;
  const LogoSize size = logo_size(static_cast<std::size_t>(at.columns), options);
  const double row_height = line_pixels(options) + size.height;
  const double gap = kGap * options.height;
  const Row first{query, full_name(query), static_cast<double>(at.query) * options.column_width, 0};
  const Row second{target, full_name(target) + (reversed ? ", reverse complement" : ""),
                   static_cast<double>(at.target) * options.column_width, row_height + gap};
  double width = size.width;
  for (const Row& row : {first, second}) {
    width = std::max(width, row.x + logo_margins(options).left + word_pixels(row.name, options));
  }
  const double height = 2 * row_height + gap;
  const std::string title =
      options.title.empty() ? first.name + " over " + second.name : options.title;
  std::string svg = options.shared_glyphs
                        ? svg_element(width, height, title, word_style(options))
                        : svg_file(width, height, title, cat(word_style(options), kGreyInk));
  svg += shade(at, options, height - line_pixels(options) - logo_margins(options).bottom);
  return svg + drawn(first, above) + drawn(second, below) + "</svg>\n";
}

}  // namespace explainn::model
