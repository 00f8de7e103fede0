#include "model/report/markup.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "model/motif/logo_parts.h"
#include "model/motif/matrix.h"
#include "model/plot_axis.h"

namespace explainn::model::report {
namespace {

constexpr double kCoreBits = 0.4;
constexpr std::string_view kMinus = "\xe2\x88\x92";
constexpr std::string_view kTimes = "\xc3\x97";
constexpr std::string_view kDash = "\xe2\x80\x93";

// Of which the words have the size of a plot's.
LogoOptions plot_words() {
  LogoOptions options;
  options.height *= kPlotFont / font_pixels(options);
  return options;
}

// From the first to the last column that stands out: what small logos show.
struct Core {
  std::size_t first, columns;
};

Core core_of(const data::Motif& motif) {
  const std::vector<double> bits = information_content(motif, {0.25, 0.25, 0.25, 0.25});
  const auto stands_out = [](double value) { return value >= kCoreBits; };
  const auto first = std::find_if(bits.begin(), bits.end(), stands_out);
  if (first == bits.end()) return {0, bits.size()};
  const auto last = std::find_if(bits.rbegin(), bits.rend(), stands_out).base();
  return {static_cast<std::size_t>(first - bits.begin()), static_cast<std::size_t>(last - first)};
}

std::string with_minus(std::string digits) {
  if (!digits.starts_with('-')) return digits;
  return std::string(kMinus) + digits.substr(1);
}

}  // namespace

LogoOptions page_logo() {
  LogoOptions options;
  options.axes = false;
  options.shared_glyphs = true;
  options.height = kLogoHeight;
  options.column_width = kLogoColumn;
  return options;
}

std::string column_header(std::string_view title, bool numbers, std::string_view more) {
  return cat("<th scope=\"col\"", numbers ? " class=\"n\"" : "", more, ">", title, "</th>");
}

std::string shown(double value, int digits) {
  if (std::isnan(value)) return std::string(kDash);
  return shown(general_number(value == 0 ? 0.0 : value, digits));
}

std::string shown(const std::string& text) {
  const std::size_t exponent = text.find('e');
  if (exponent == std::string::npos) return with_minus(text);
  std::string power = text.substr(exponent + 1);
  const bool negative = power.front() == '-';
  power.erase(0, std::min(power.find_first_of("123456789"), power.size() - 1));
  return cat(with_minus(text.substr(0, exponent)), kTimes, "10<sup>", negative ? kMinus : "", power,
             "</sup>");
}

std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-'; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string plural(std::int64_t count, std::string_view noun) {
  return cat(grouped(count), " ", noun, count == 1 ? "" : "s");
}

std::string number_data(const Number& number, int digits) {
  return cat("<data value=\"", xml_text(number.text), "\">", shown(number.value, digits),
             "</data>");
}

std::string number_cell(const Number& number, int digits) {
  return cat("<td class=\"n\" data-value=\"", xml_text(number.text), "\">",
             shown(number.value, digits), "</td>");
}

std::string section_start(std::string_view id, std::string_view title, std::string_view words) {
  std::string html = cat("<section id=\"", id, "\" aria-labelledby=\"", id, "-title\">\n<h2 id=\"",
                         id, "-title\">", title, "</h2>\n");
  if (!words.empty()) html += cat("<p class=\"lead\">", words, "</p>\n");
  return html;
}

std::size_t top_effect(const Filter& filter) {
  std::size_t top = filter.effects.size();
  double largest = 0;
  for (std::size_t t = 0; t < filter.effects.size(); ++t) {
    const double size = std::abs(filter.effects[t].value);
    if (!(size > largest)) continue;
    largest = size;
    top = t;
  }
  return top;
}

std::string plot_label(std::string_view name) {
  return fitting(name, kLongestLabel, plot_words());
}

double label_pixels(std::string_view name) {
  return std::min(word_pixels(name, plot_words()), kLongestLabel);
}

std::string display_name(const Filter& filter) {
  return filter.named() ? filter.annotation : filter.id;
}

std::string card_id(std::size_t unit) {
  return "unit" + std::to_string(unit);
}

std::string logo_definitions(const Report& report) {
  std::string svg =
      "<svg width=\"0\" height=\"0\" class=\"definitions\" aria-hidden=\"true\" "
      "focusable=\"false\">\n" +
      logo_glyphs() + "<defs>\n";
  for (std::size_t u = 0; u < report.filters.size(); ++u) {
    if (report.filters[u].dead()) continue;
    svg += cat("<g id=\"logo-", u, "\">\n", logo_group(*report.filters[u].motif, page_logo()),
               "</g>\n");
  }
  return svg + "</defs>\n</svg>\n";
}

std::string core_logo(const data::Motif& motif, const std::string& name, double height,
                      const std::string& drawing) {
  const Core core = core_of(motif);
  const double width = static_cast<double>(core.columns) * kLogoColumn;
  return cat("<svg class=\"logo\" width=\"", svg_number(width * height / kLogoHeight, 1),
             "\" height=\"", svg_number(height, 1), "\" viewBox=\"",
             svg_number(static_cast<double>(core.first) * kLogoColumn, 1), " 0 ",
             svg_number(width, 1), " ", svg_number(kLogoHeight, 1),
             "\" role=\"img\" aria-label=\"logo of ", xml_text(name), "\">", drawing, "</svg>");
}

std::string small_logo(const Filter& filter, std::size_t unit, double height) {
  return core_logo(*filter.motif, cat(filter.id, ": ", filter.consensus), height,
                   cat("<use href=\"#logo-", unit, "\"/>"));
}

}  // namespace explainn::model::report
