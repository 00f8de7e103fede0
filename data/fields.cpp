#include "data/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace explainn::data {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Blanks and one pair of quotes around the whole field taken off.
std::string_view bare(std::string_view text) {
  // Nearly all fields begin and end with a plain character, which is beyond '"' in ASCII.
  if (text.empty() || (text.front() > '"' && text.back() > '"')) return text;
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// Where the next separator stands; `end` if there is none.
const char* find_separator(const char* at, const char* end, char separator) {
  // Labels are a letter or three; the call of memchr pays only for sequences.
  const char* const near = at + std::min<std::ptrdiff_t>(end - at, 8);
  for (; at != near; ++at) {
    if (*at == separator) return at;
  }
  if (at == end) return end;
  const void* const found = std::memchr(at, separator, static_cast<std::size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

}  // namespace

const std::vector<std::string_view>* FieldSplitter::split(std::string_view row) {
  fields_.clear();
  if (separator_ == ',' && row.find('"') != std::string_view::npos) {
    return split_quoted(row) ? &fields_ : nullptr;
  }
  const char* at = row.data();
  const char* const end = at + row.size();
  for (;;) {
    const char* const stop = find_separator(at, end, separator_);
    fields_.push_back(bare({at, static_cast<std::size_t>(stop - at)}));
    if (stop == end) return &fields_;
    at = stop + 1;
  }
}

bool FieldSplitter::split_quoted(std::string_view row) {
  unquoted_.clear();
  unquoted_.reserve(row.size());  // The views below need memory that does not move.
  std::size_t at = 0;
  for (;;) {
    while (at < row.size() && is_blank(row[at])) ++at;
    if (at < row.size() && row[at] == '"') {
      const std::size_t begin = unquoted_.size();
      for (++at; at < row.size(); ++at) {
        if (row[at] == '"') {
          if (at + 1 >= row.size() || row[at + 1] != '"') break;
          ++at;
        }
        unquoted_.push_back(row[at]);
      }
      if (at >= row.size()) return false;
      fields_.emplace_back(unquoted_.data() + begin, unquoted_.size() - begin);
      const std::size_t comma = row.find(separator_, at);
      if (comma == std::string_view::npos) return true;
      at = comma + 1;
    } else {
      const std::size_t comma = std::min(row.find(separator_, at), row.size());
      fields_.push_back(trimmed(row.substr(at, comma - at)));
      if (comma == row.size()) return true;
      at = comma + 1;
    }
  }
}

char guess_separator(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return '\t';
  return line.find(',') != std::string_view::npos ? ',' : '\t';
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_unresolved(std::string_view field) {
  return field.empty() || field == "NA" || (field.size() == 3 && equal_ignoring_case(field, "nan"));
}

std::optional<double> parse_number(std::string_view field) {
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const char* const end = field.data() + field.size();
  double value = 0;
  const auto result = std::from_chars(field.data(), end, value);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return std::nullopt;
  if (result.ec == std::errc()) return value;
  // Out of a double's range: tiny numbers are zeros, large ones are infinite.
  const std::size_t exponent = field.find_first_of("eE");
  const bool tiny = exponent == std::string_view::npos
                        ? field.find_first_of("123456789") > field.find('.')
                        : field.substr(exponent + 1, 1) == "-";
  if (tiny) return 0.0;
  return field.starts_with('-') ? -kInfinity : kInfinity;
}

std::optional<float> parse_other_label(std::string_view field) {
  if (is_unresolved(field)) return kNan;
  if (field.front() == '+' && !field.starts_with("+-")) field.remove_prefix(1);
  const char* const end = field.data() + field.size();
  float value = 0;
  const auto result = std::from_chars(field.data(), end, value);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return std::nullopt;
  if (result.ec == std::errc()) return value;
  // Out of a float's range: tiny numbers are zeros, large ones are infinite.
  const std::optional<double> wide = parse_number(field);
  if (!wide) return std::nullopt;
  return std::abs(*wide) < 1 ? static_cast<float>(*wide) : kInfinity;
}

std::optional<std::int64_t> whole_number(std::string_view field) {
  std::int64_t number = 0;
  const char* const end = field.data() + field.size();
  const auto result = std::from_chars(field.data(), end, number);
  // from_chars would take a minus sign.
  if (result.ec != std::errc() || result.ptr != end || field.front() == '-') return std::nullopt;
  return number;
}

void append_number(double value, int digits, std::string& text) {
  std::array<char, 64> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::general, digits);
  text.append(buffer.data(), result.ptr);
}

void split_words(std::string_view text, std::vector<std::string_view>& words) {
  constexpr std::string_view kBlanks = " \t";
  words.clear();
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(text.size(), text.find_first_of(kBlanks, at));
    words.push_back(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace explainn::data
