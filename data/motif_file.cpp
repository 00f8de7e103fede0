#include "data/motif_file.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <string_view>

#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr double kSumTolerance = 1e-5;
constexpr std::int64_t kMillion = 1'000'000;

/// Four probabilities as millionths that sum to a million: each is rounded down, and what is
/// missing goes to the largest remainders (the first of equal ones).
std::array<std::int64_t, 4> millionths(const std::array<double, 4>& row, const std::string& where) {
  double sum = 0;
  for (const double value : row) {
    require(std::isfinite(value) && value >= 0, "meme_text", where, ": ", value,
            " is no probability");
    sum += value;
  }
  require(std::abs(sum - 1) <= kSumTolerance, "meme_text", where, ": the probabilities sum to ",
          sum, " instead of 1");
  std::array<std::int64_t, 4> whole{};
  std::array<double, 4> remainder{};
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  std::int64_t missing = kMillion;
  for (std::size_t i = 0; i < 4; ++i) {
    const double scaled = row[i] / sum * static_cast<double>(kMillion);
    whole[i] = static_cast<std::int64_t>(scaled);
    remainder[i] = scaled - static_cast<double>(whole[i]);
    missing -= whole[i];
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
  for (std::int64_t i = 0; i < missing; ++i) ++whole[order[static_cast<std::size_t>(i % 4)]];
  return whole;
}

/// Written by hand: printf's decimal point depends on the locale.
std::string six_decimals(std::int64_t value) {
  const std::string digits = std::to_string(kMillion + value % kMillion);
  return cat(value / kMillion, ".", digits.substr(1));
}

bool is_blank_or_control(char letter) {
  const auto code = static_cast<unsigned char>(letter);
  return code <= ' ' || code == 0x7f;
}

bool is_control(char letter) {
  return letter != ' ' && is_blank_or_control(letter);
}

void check_names(const Motif& motif, std::set<std::string_view>& known) {
  const std::string& id = motif.id;
  require(!id.empty() && std::none_of(id.begin(), id.end(), is_blank_or_control) &&
              id.find('=') == std::string::npos,
          "meme_text", "the motif id ", shown(id), " is empty or holds a blank or '='");
  require(known.insert(id).second, "meme_text", "the motif id ", shown(id), " is given twice");
  require(std::none_of(motif.name.begin(), motif.name.end(), is_control), "meme_text",
          "the motif name ", shown(motif.name), " holds a line break or control character");
}

/// What a reader makes of these digits.
std::array<double, 4> rounded(const std::array<double, 4>& row, const std::string& where) {
  std::array<double, 4> values{};
  const auto whole = millionths(row, where);
  for (std::size_t i = 0; i < 4; ++i) {
    values[i] = static_cast<double>(whole[i]) / static_cast<double>(kMillion);
  }
  return values;
}

/// The number of sites as a whole number: readers count its integer part, and some take no other.
/// 0, left out: below one some readers would multiply with 0.
double whole_sites(const Motif& motif) {
  require(std::isfinite(motif.sites) && motif.sites >= 0, "meme_text", "motif ", shown(motif.id),
          ": ", motif.sites, " is no number of sites");
  return std::floor(motif.sites);
}

std::string sites_text(const Motif& motif) {
  const double sites = whole_sites(motif);
  if (sites == 0) return "";
  std::array<char, 400> digits{};  // the largest double has 309
  std::snprintf(digits.data(), digits.size(), "%.0f", sites);
  return cat("nsites= ", digits.data(), " ");
}

std::string motif_text(const Motif& motif) {
  require(!motif.columns.empty(), "meme_text", "motif ", shown(motif.id), " has no columns");
  std::string text = cat("MOTIF ", motif.id, motif.name.empty() ? "" : " ", motif.name, "\n",
                         "letter-probability matrix: alength= 4 w= ", motif.columns.size(), " ",
                         sites_text(motif), "E= 0\n");
  for (std::size_t c = 0; c < motif.columns.size(); ++c) {
    const std::string where = cat("motif ", shown(motif.id), ", column ", c + 1);
    for (const std::int64_t value : millionths(motif.columns[c], where)) {
      text += " " + six_decimals(value);
    }
    text += "\n";
  }
  return text + "\n";
}

}  // namespace

std::string meme_text(const MotifFile& file) {
  const auto background = millionths(file.background, "background");
  std::string text = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n";
  text += "Background letter frequencies\n";
  for (std::size_t i = 0; i < 4; ++i) {
    text += cat(i == 0 ? "" : " ", "ACGT"[i], " ", six_decimals(background[i]));
  }
  text += "\n\n";
  std::set<std::string_view> known;
  for (const Motif& motif : file.motifs) {
    check_names(motif, known);
    text += motif_text(motif);
  }
  return text;
}

MotifFile as_written(const MotifFile& file) {
  MotifFile written = file;
  written.background = rounded(file.background, "background");
  written.background_given = true;
  for (Motif& motif : written.motifs) {
    motif.sites = whole_sites(motif);
    for (std::array<double, 4>& column : motif.columns) {
      column = rounded(column, "motif " + shown(motif.id));
    }
  }
  return written;
}

}  // namespace explainn::data
