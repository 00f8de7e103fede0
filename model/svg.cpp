#include "model/svg.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;  // 0: no UTF-8
};

// The code point that `text` begins with (RFC 3629: no overlong forms, no surrogates).
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {0, 0};
  std::uint32_t value = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {0, 0};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kLeast[bytes] || value > 0x10ffff || surrogate) return {0, 0};
  return {value, bytes};
}

// XML 1.0, production 2, without the line breaks and tabs that a line of text has no use for.
bool is_xml(std::uint32_t value) {
  return value >= 0x20 && value != 0x7f && value != 0xfffe && value != 0xffff;
}

std::string_view escaped(std::string_view letter) {
  switch (letter.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return letter;
  }
}

}  // namespace

std::string svg_number(double value, int decimals) {
  std::array<char, 400> digits{};  // the largest double has 309 before the point
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  std::string text(digits.data(), end);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [value, bytes] = first_of(text);
    const std::size_t taken = bytes == 0 ? 1 : bytes;
    out += bytes > 0 && is_xml(value) ? escaped(text.substr(0, taken)) : kReplacement;
    text.remove_prefix(taken);
  }
  return out;
}

std::string svg_element(double width, double height, std::string_view title, std::string_view more,
                        std::string_view role) {
  const std::string w = svg_number(width, 2);
  const std::string h = svg_number(height, 2);
  return cat("<svg width=\"", w, "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"",
             role, "\"", more, ">\n<title>", xml_text(title), "</title>\n");
}

std::string svg_file(double width, double height, std::string_view title, std::string_view more,
                     std::string_view role) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         svg_element(width, height, title, cat(" xmlns=\"http://www.w3.org/2000/svg\"", more),
                     role);
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view words,
                     std::string_view more) {
  return cat("<text x=\"", svg_number(x, 1), "\" y=\"", svg_number(y, 1), "\" text-anchor=\"",
             anchor, "\"", more, ">", xml_text(words), "</text>\n");
}

}  // namespace explainn::model
