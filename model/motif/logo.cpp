#include "model/motif/logo.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "kernels/base/error.h"
#include "model/motif/glyphs.h"
#include "model/motif/logo_parts.h"
#include "model/motif/matrix.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

constexpr double kUnits = 1000;  // vertical ones a bit, or a probability of 1
constexpr double kLeastUnits = 2;

constexpr double kSignAdvance = 8;  // from one sign to the next
constexpr double kSignHeight = 10;

void check(const data::Motif& motif, const LogoOptions& options) {
  require(!motif.columns.empty(), "logo", "a motif without columns has no logo");
  for (std::size_t c = 0; c < motif.columns.size(); ++c) {
    double sum = 0;
    bool all = true;
    for (const double p : motif.columns[c]) {
      all = all && p >= 0;
      sum += p;
    }
    require(all && std::abs(sum - 1) <= data::kSumTolerance, "logo", "column ", c + 1, " sums to ",
            sum, " or holds what is no probability");
  }
  for (const double size : {options.height, options.column_width}) {
    require(std::isfinite(size) && size > 0, "logo", "a size of ", size, " pixels");
  }
}

// Where the vertical axis ends: bits, or a probability.
double axis_end(const LogoOptions& options) {
  if (options.frequencies) return 1;
  return -std::log2(*std::min_element(options.background.begin(), options.background.end()));
}

// [w,4]: heights of the letters, on the scale of the axis.
std::vector<std::array<double, 4>> letter_heights(const data::Motif& motif,
                                                  const LogoOptions& options) {
  std::vector<double> stack(motif.columns.size(), 1.0);
  if (!options.frequencies) {
    stack = information_content(motif, options.background);
    const bool corrected = options.small_sample_correction && motif.sites > 0;
    const double by_chance = corrected ? 3 / (2 * std::numbers::ln2 * motif.sites) : 0;
    for (double& bits : stack) bits = std::max(bits - by_chance, 0.0);
  }
  std::vector<std::array<double, 4>> heights = motif.columns;
  for (std::size_t c = 0; c < heights.size(); ++c) {
    for (double& height : heights[c]) height *= stack[c];
  }
  return heights;
}

// From the base line up: the least letter first, of equal ones the last in the alphabet.
std::string stack(const std::array<double, 4>& heights, std::size_t column, double base_line,
                  bool shared) {
  std::array<std::size_t, 4> order{3, 2, 1, 0};
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return heights[a] < heights[b]; });
  std::string svg;
  double top = base_line;
  for (const std::size_t base : order) {
    const double bottom = top;
    top -= heights[base] * kUnits;
    if (bottom - top < kLeastUnits) continue;
    // Rounded edges, so that letters touch.
    const double edge = std::round(top);
    svg += letter_at(base, static_cast<double>(column), edge, std::round(bottom) - edge, shared);
  }
  return svg;
}

// Signs from `x` on, the upper left corner at `y`.
std::string word(std::string_view signs, double x, double y, bool shared) {
  std::string svg;
  for (const char sign : signs) {
    svg += sign_at(sign, x, y, shared);
    x += kSignAdvance;
  }
  return svg;
}

double word_width(std::size_t signs) {
  return kSignAdvance * static_cast<double>(signs) - 2;
}

// Everything below is in units of signs, the origin at the upper end of the vertical axis.
struct Plane {
  double height;
  double column;
  std::size_t columns;
};

std::string vertical_axis(const Plane& plane, const LogoOptions& options) {
  const double end = axis_end(options);
  double step = options.frequencies ? 0.5 : 1;
  while (plane.height * step < 1.5 * kSignHeight * end) step *= 2;  // room for each label
  std::string lines = cat("M-3 0V", svg_number(plane.height, 2));
  std::string labels;
  for (double tick = 0; tick <= end + 1e-9; tick += step) {
    const double y = plane.height * (1 - tick / end);
    lines += cat("M-3 ", svg_number(y, 2), "h-5");
    const std::string text = svg_number(tick, 1);
    labels += word(text, -11 - word_width(text.size()), y - kSignHeight / 2, options.shared_glyphs);
  }
  const std::string_view unit = options.frequencies ? "p" : "bits";
  const double middle = (plane.height + word_width(unit.size())) / 2;
  return cat("<path d=\"", lines, "\"/>\n", labels, "<g transform=\"translate(",
             svg_number(2 - sign_margins(options).left, 1), " ", svg_number(middle, 2),
             ")rotate(-90)\">\n", word(unit, 0, 0, options.shared_glyphs), "</g>\n");
}

// Positions: all if there is room, else the first and every 5th, 10th, 20th, 50th ..
std::string horizontal_axis(const Plane& plane, const LogoOptions& options) {
  const double room = word_width(std::to_string(plane.columns).size()) + 4;
  std::size_t step = 1;
  while (room > plane.column * static_cast<double>(step)) {
    const bool two = std::to_string(step).front() == '2';
    step = step == 1 ? 5 : two ? step / 2 * 5 : step * 2;
  }
  std::string svg;
  for (std::size_t position = 1; position <= plane.columns; ++position) {
    if (position != 1 && position % step != 0) continue;
    const std::string text = std::to_string(position);
    const double centre = (static_cast<double>(position) - 0.5) * plane.column;
    svg +=
        word(text, centre - word_width(text.size()) / 2, plane.height + 7, options.shared_glyphs);
  }
  return svg;
}

std::string axes(std::size_t columns, const LogoOptions& options) {
  const double unit = kSignUnit * options.height;
  const LogoMargins room = sign_margins(options);
  const Plane plane{options.height / unit, options.column_width / unit, columns};
  return cat("<g transform=\"scale(", svg_number(unit, 6), ")translate(", svg_number(room.left, 1),
             " ", svg_number(room.top, 1),
             ")\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.4\" "
             "stroke-linecap=\"round\">\n",
             vertical_axis(plane, options), horizontal_axis(plane, options), "</g>\n");
}

}  // namespace

std::string logo_group(const data::Motif& motif, const LogoOptions& options) {
  check(motif, options);
  if (options.reverse_complement) {
    LogoOptions other_strand = options;
    other_strand.reverse_complement = false;
    std::reverse(other_strand.background.begin(), other_strand.background.end());
    return logo_group(reverse_complement(motif), other_strand);
  }
  const LogoMargins room = logo_margins(options);
  const double base_line = std::round(axis_end(options) * kUnits);
  const auto heights = letter_heights(motif, options);
  std::string svg = "<g>\n";
  if (options.axes) svg += axes(heights.size(), options);
  svg += cat("<g transform=\"translate(", svg_number(room.left, 2), " ", svg_number(room.top, 2),
             ")scale(", svg_number(options.column_width, 4), " ",
             svg_number(options.height / base_line, 8), ")\">\n");
  for (std::size_t c = 0; c < heights.size(); ++c) {
    svg += stack(heights[c], c, base_line, options.shared_glyphs);
  }
  return svg + "</g>\n</g>\n";
}

std::string logo_svg(const data::Motif& motif, const LogoOptions& options) {
  const LogoSize size = logo_size(motif.columns.size(), options);
  const std::string title = logo_title(motif, options);
  return (options.shared_glyphs ? svg_element(size.width, size.height, title)
                                : svg_file(size.width, size.height, title, kGreyInk)) +
         logo_group(motif, options) + "</svg>\n";
}

}  // namespace explainn::model
