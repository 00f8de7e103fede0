// The background of explainn scan.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "cli/parse.h"
#include "cli/scan.h"
#include "data/fields.h"
#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

bool is_frequency(const std::optional<double>& number) {
  return number && *number > 0 && std::isfinite(*number);
}

model::Frequencies from_list(const std::string& text) {
  const std::vector<std::string> parts = split_list(text, "--background");
  model::Frequencies frequencies{};
  bool good = parts.size() == frequencies.size();
  for (std::size_t i = 0; good && i < parts.size(); ++i) {
    const std::optional<double> number = data::parse_number(parts[i]);
    good = is_frequency(number);
    frequencies[i] = number.value_or(0);
  }
  if (!good) {
    throw UsageError(
        cat("--background ", text, ": give four frequencies above 0, of A, C, G and T"));
  }
  return frequencies;
}

// The two fields of a line like "A 0.3".
std::array<std::string_view, 2> fields_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = std::min(line.size(), line.find_first_not_of(kBlanks));
  const std::size_t end = std::min(line.size(), line.find_first_of(kBlanks, begin));
  const std::size_t next = std::min(line.size(), line.find_first_not_of(kBlanks, end));
  const std::size_t last = std::min(line.size(), line.find_first_of(kBlanks, next));
  return {line.substr(begin, end - begin), line.substr(next, last - next)};
}

// As MEME's programs read and write it. Words of several letters are those of Markov models, whose
// first order alone is used here.
model::Frequencies from_file(const std::string& path) {
  data::InputStream input(path);
  model::Frequencies frequencies{};
  std::string_view line;
  while (input.line(line)) {
    const auto [letter, number] = fields_of(line);
    if (letter.empty() || letter.front() == '#' || letter.size() > 1) continue;
    const data::Base base = data::base_code(letter.front());
    const std::optional<double> value = data::parse_number(number);
    if (base >= data::kUnknownBase || !is_frequency(value)) {
      input.fail(input.line_number(), data::shown(line), " is no letter and frequency, like A 0.3");
    }
    if (frequencies[base] != 0) input.fail(input.line_number(), "a second frequency of ", letter);
    frequencies[base] = *value;
  }
  for (std::size_t b = 0; b < frequencies.size(); ++b) {
    if (frequencies[b] == 0) {
      input.fail(0, "no frequency of ", data::kBaseLetters[b], "; give a line like ",
                 data::kBaseLetters[b], " 0.25");
    }
  }
  return frequencies;
}

}  // namespace

model::Frequencies scan_background(const std::string& wanted, const data::MotifFile& motifs) {
  model::Frequencies frequencies{0.25, 0.25, 0.25, 0.25};
  if (wanted == "motifs") {
    frequencies = motifs.background;
  } else if (wanted.find(',') != std::string::npos) {
    frequencies = from_list(wanted);
  } else if (wanted != "uniform") {
    if (!std::filesystem::exists(wanted)) {
      throw UsageError(cat("--background ", wanted,
                           ": give motifs, uniform, four frequencies a,c,g,t or a file"));
    }
    frequencies = from_file(wanted);
  }
  return model::strand_symmetric(frequencies);
}

}  // namespace explainn::cli
