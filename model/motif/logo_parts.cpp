#include "model/motif/logo_parts.h"

#include "kernels/base/error.h"
#include "model/motif/matrix.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

constexpr double kFontSize = 0.16;     // of the height of a logo
constexpr double kLetterWidth = 0.62;  // of the size of the font

bool continues(char letter) {
  return (static_cast<unsigned char>(letter) & 0xc0U) == 0x80;
}

// Letters beyond the second block of UTF-8 (Chinese, Japanese ..) are about twice as wide.
double letter_width(char lead) {
  if (continues(lead)) return 0;
  return static_cast<unsigned char>(lead) < 0xe0 ? kLetterWidth : 2 * kLetterWidth;
}

}  // namespace

LogoMargins sign_margins(const LogoOptions& options) {
  if (!options.axes) return {0, 0, 0, 0};
  return {options.frequencies ? 56.0 : 41.0, 4, 8, 21};
}

LogoMargins logo_margins(const LogoOptions& options) {
  const LogoMargins room = sign_margins(options);
  const double unit = kSignUnit * options.height;
  return {room.left * unit, room.right * unit, room.top * unit, room.bottom * unit};
}

LogoSize logo_size(std::size_t columns, const LogoOptions& options) {
  const LogoMargins room = logo_margins(options);
  return {room.left + static_cast<double>(columns) * options.column_width + room.right,
          room.top + options.height + room.bottom};
}

std::string full_name(const data::Motif& motif) {
  return motif.name.empty() || motif.name == motif.id ? motif.id : motif.id + " " + motif.name;
}

std::string logo_title(const data::Motif& motif, const LogoOptions& options) {
  if (!options.title.empty()) return options.title;
  if (!options.reverse_complement) return full_name(motif) + ": " + consensus(motif);
  return full_name(motif) + ", reverse complement: " + consensus(reverse_complement(motif));
}

double font_pixels(const LogoOptions& options) {
  return kFontSize * options.height;
}

double line_pixels(const LogoOptions& options) {
  return 1.7 * font_pixels(options);
}

std::string word_style(const LogoOptions& options) {
  return cat(" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"",
             svg_number(font_pixels(options), 1), "\" fill=\"currentColor\"");
}

double word_pixels(std::string_view words, const LogoOptions& options) {
  double width = 0;
  for (const char letter : words) width += letter_width(letter);
  return width * font_pixels(options);
}

std::string fitting(std::string_view words, double pixels, const LogoOptions& options) {
  if (word_pixels(words, options) <= pixels) return std::string(words);
  double left = pixels / font_pixels(options) - 2 * kLetterWidth;
  std::size_t end = 0;
  for (; end < words.size(); ++end) {
    left -= letter_width(words[end]);
    if (left < 0) break;
  }
  return std::string(words.substr(0, end)) + "..";
}

}  // namespace explainn::model
