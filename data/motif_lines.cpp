#include "data/motif_lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/alphabet.h"
#include "data/fields.h"
#include "data/motif_reader.h"

namespace explainn::data {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t';
}

bool is_control(char letter) {
  const auto code = static_cast<unsigned char>(letter);
  return (code < ' ' && letter != '\t') || code == 0x7f;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

}  // namespace

MotifLines::MotifLines(const std::string& path)
    : input_(path, kLongestLine), is_standard_input_(path == "-") {}

bool MotifLines::next() {
  text_ = {};
  words_.clear();
  if (!input_.line(text_)) return false;
  while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
  while (!text_.empty() && is_blank(text_.back())) text_.remove_suffix(1);
  const auto* const bad = std::find_if(text_.begin(), text_.end(), is_control);
  if (bad != text_.end()) {
    fail("the control character ",
         shown(text_.substr(static_cast<std::size_t>(bad - text_.begin()), 1)),
         ", save the file as plain text");
  }
  split_words(text_, words_);
  return true;
}

bool MotifLines::next_filled() {
  while (next()) {
    if (!text_.empty()) return true;
  }
  return false;
}

bool MotifLines::is_row() const {
  if (words_.empty()) return false;
  std::string_view word = words_.front();
  if (word.front() == '-' || word.front() == '+') word.remove_prefix(1);
  if (equal_ignoring_case(word, "nan") || equal_ignoring_case(word, "inf")) return true;
  if (word.starts_with('.')) word.remove_prefix(1);
  return !word.empty() && is_digit(word.front());
}

double MotifLines::parse(std::string_view word) const {
  const std::optional<double> value = parse_number(word);
  if (!value) fail(shown(word), " is no number");
  if (!std::isfinite(*value)) fail(shown(word), " is not finite");
  if (*value < 0) {
    fail(shown(word), " is negative; probabilities or counts are needed, no scores");
  }
  return *value;
}

std::vector<double> MotifLines::parse_numbers(std::string_view text) const {
  std::vector<std::string_view> words;
  split_words(text, words);
  std::vector<double> values;
  values.reserve(words.size());
  for (const std::string_view word : words) values.push_back(parse(word));
  return values;
}

std::optional<std::size_t> base_index(std::string_view text) {
  if (text.size() != 1) return std::nullopt;
  const Base base = base_code(text.front());
  if (base >= kUnknownBase) return std::nullopt;
  return base;
}

std::optional<std::size_t> leading_base(std::string_view text) {
  const bool alone =
      text.size() == 1 ||
      (text.size() > 1 && std::string_view(" \t[:|=").find(text[1]) != std::string_view::npos);
  return alone ? base_index(text.substr(0, 1)) : std::nullopt;
}

bool is_base_title(const std::vector<std::string_view>& words) {
  if (words.size() != 4 && words.size() != 5) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (base_index(words[words.size() - 4 + i]) != i) return false;
  }
  return true;
}

std::array<double, 4> distribution(const std::array<double, 4>& values) {
  const double sum = values[0] + values[1] + values[2] + values[3];
  if (std::abs(sum - 1) <= kSumTolerance) return values;
  return {values[0] / sum, values[1] / sum, values[2] / sum, values[3] / sum};
}

std::array<double, 4> checked_distribution(const std::array<double, 4>& values,
                                           const MotifLines& lines, std::string_view what) {
  const double sum = values[0] + values[1] + values[2] + values[3];
  if (!(std::abs(sum - 1) <= kMostSumError)) {
    lines.fail(what, " sums to ", sum, " instead of 1");
  }
  return distribution(values);
}

Motif& MotifList::begin(std::string_view id, std::string_view name, std::int64_t line) {
  if (id.empty()) lines_.fail_in(line, "a motif without an id");
  if (id.find('=') != std::string_view::npos) {
    lines_.fail_in(line, "the motif id ", shown(id), " holds '=', which no id may; rename it");
  }
  const auto [place, added] = line_of_.emplace(id, line);
  if (!added) {
    lines_.fail_in(line, "the motif id ", shown(id), " is given already in line ", place->second,
                   ", rename one of them");
  }
  Motif& motif = motifs_.emplace_back();
  motif.id = id;
  motif.name = name.substr(0, name.find('\t'));
  motif.name.erase(motif.name.find_last_not_of(' ') + 1);  // npos + 1 is 0
  return motif;
}

void MotifList::add_column(const std::array<double, 4>& column) {
  Motif& motif = motifs_.back();
  if (motif.columns.size() == kMostMotifColumns) {
    lines_.fail("motif ", shown(motif.id), " has more than ", kMostMotifColumns, " columns");
  }
  motif.columns.push_back(column);
}

void MotifList::set_sites(double sites) {
  if (!(sites <= kMostSites)) {
    lines_.fail(sites, " sites of motif ", shown(last().id), ": more than anybody has counted");
  }
  last().sites = sites;
}

}  // namespace explainn::data
