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

bool is_frequency(double number) {
  return number > 0 && std::isfinite(number);
}

model::Frequencies from_list(const std::string& text) {
  const auto numbers = parse_four(text, "--background");
  if (!numbers || !std::all_of(numbers->begin(), numbers->end(), is_frequency)) {
    throw UsageError(
        cat("--background ", text, ": give four frequencies above 0, of A, C, G and T"));
  }
  return *numbers;
}

// As MEME's programs read and write it. Words of several letters are those of Markov models, whose
// first order alone is used here.
model::Frequencies from_file(const std::string& path) {
  data::InputStream input(path);
  model::Frequencies frequencies{};
  std::string_view line;
  std::vector<std::string_view> words;
  while (input.line(line)) {
    data::split_words(line, words);
    if (words.empty()) continue;
    const std::string_view letter = words.front();
    if (letter.front() == '#' || letter.size() > 1) continue;
    const data::Base base = data::base_code(letter.front());
    const double value = words.size() < 2 ? 0 : data::parse_number(words[1]).value_or(0);
    if (base >= data::kUnknownBase || !is_frequency(value)) {
      input.fail(input.line_number(), data::shown(line), " is no letter and frequency, like A 0.3");
    }
    if (frequencies[base] != 0) input.fail(input.line_number(), "a second frequency of ", letter);
    frequencies[base] = value;
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
