#include "data/motif_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/motif_text.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kSitesIfUnknown = 100;

std::int64_t whole_sites(const Motif& motif) {
  return static_cast<std::int64_t>(motif.sites);
}

/// What a reader makes of these digits.
std::array<double, 4> rounded(const std::array<double, 4>& row, const std::string& where) {
  std::array<double, 4> values{};
  const auto whole = apportion(row, kMillion, where);
  for (std::size_t i = 0; i < 4; ++i) {
    values[i] = static_cast<double>(whole[i]) / static_cast<double>(kMillion);
  }
  return values;
}

/// The number of sites as a whole number: readers count its integer part, and some take no other.
/// Below one it is left out, since some readers would multiply with 0.
std::string meme_sites(const Motif& motif) {
  return motif.sites < 1 ? "" : cat("nsites= ", whole_sites(motif), " ");
}

std::string meme_motif(const Motif& motif) {
  std::string text = cat("MOTIF ", motif.id, motif.name.empty() ? "" : " ", motif.name, "\n",
                         "letter-probability matrix: alength= 4 w= ", motif.columns.size(), " ",
                         meme_sites(motif), "E= 0\n");
  for (std::size_t c = 0; c < motif.columns.size(); ++c) {
    for (const auto value : apportion(motif.columns[c], kMillion, column_place(motif, c))) {
      text += " " + six_decimals(value);
    }
    text += "\n";
  }
  return text + "\n";
}

std::string title(const Motif& motif) {
  return ">" + motif.id + (motif.name.empty() ? "" : "\t") + motif.name + "\n";
}

/// [w], each with four texts: `value` of probabilities and the place of their column.
template <typename Value>
std::vector<std::array<std::string, 4>> texts_of(const Motif& motif, const Value& value) {
  std::vector<std::array<std::string, 4>> texts(motif.columns.size());
  for (std::size_t c = 0; c < texts.size(); ++c) {
    texts[c] = value(motif.columns[c], column_place(motif, c));
  }
  return texts;
}

std::array<std::string, 4> whole_counts(const std::array<double, 4>& column, std::int64_t sites,
                                        const std::string& where) {
  const auto counts = apportion(column, sites, where);
  std::array<std::string, 4> texts;
  std::transform(counts.begin(), counts.end(), texts.begin(),
                 [](std::int64_t count) { return std::to_string(count); });
  return texts;
}

/// Probabilities times the sites with six decimals (probabilities alone, where these are unknown).
std::vector<std::array<std::string, 4>> decimal_counts(const Motif& motif) {
  const double sites = motif.sites < 1 ? 1 : motif.sites;
  return texts_of(motif, [&](const std::array<double, 4>& column, const std::string& where) {
    checked_sum(column, where);
    std::array<std::string, 4> texts;
    for (std::size_t i = 0; i < 4; ++i) {
      std::array<char, 32> digits{};
      const auto result = std::to_chars(digits.data(), digits.data() + digits.size(),
                                        column[i] * sites, std::chars_format::fixed, 6);
      texts[i].assign(digits.data(), result.ptr);
    }
    return texts;
  });
}

std::size_t longest(const std::vector<std::array<std::string, 4>>& texts) {
  std::size_t size = 0;
  for (const auto& column : texts) {
    for (const std::string& text : column) size = std::max(size, text.size());
  }
  return size;
}

std::string padded(const std::string& text, std::size_t size) {
  return std::string(size - text.size(), ' ') + text;
}

/// `text` of each motif, checked first.
template <typename Text>
std::string text_of_each(const MotifFile& file, const Text& text) {
  std::string all;
  std::set<std::string_view> known;
  for (const Motif& motif : file.motifs) {
    check_motif(motif, known);
    all += text(motif);
  }
  return all;
}

/// A row for each letter, columns of one width, between what `begin` gives for a letter and `end`.
template <typename Begin>
std::string rows_by_letter(const std::vector<std::array<std::string, 4>>& counts,
                           const Begin& begin, const char* end) {
  const std::size_t size = longest(counts);
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    text += begin("ACGT"[i]);
    for (const auto& column : counts) text += " " + padded(column[i], size);
    text += end;
  }
  return text;
}

std::string transfac_motif(const Motif& motif) {
  const auto counts = decimal_counts(motif);
  const std::size_t size = longest(counts);
  std::string text = "AC  " + motif.id + "\nXX\n";
  if (!motif.name.empty()) text += "ID  " + motif.name + "\nXX\n";
  text += "P0 ";
  for (const char letter : {'A', 'C', 'G', 'T'}) text += " " + padded({letter}, size);
  text += "\n";
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const std::string position = std::to_string(c + 1);
    text += (position.size() < 2 ? "0" : "") + position + (position.size() < 3 ? " " : "");
    for (const std::string& count : counts[c]) text += " " + padded(count, size);
    text += "\n";
  }
  return text + "XX\n//\n";
}

}  // namespace

std::string meme_text(const MotifFile& file) {
  const auto background = apportion(file.background, kMillion, "background");
  std::string text = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n";
  text += "Background letter frequencies\n";
  for (std::size_t i = 0; i < 4; ++i) {
    text += cat(i == 0 ? "" : " ", "ACGT"[i], " ", six_decimals(background[i]));
  }
  return text + "\n\n" + text_of_each(file, meme_motif);
}

std::string jaspar_text(const MotifFile& file) {
  return text_of_each(file, [](const Motif& motif) {
    const std::int64_t sites = motif.sites < 1 ? kSitesIfUnknown : whole_sites(motif);
    const auto counts =
        texts_of(motif, [&](const std::array<double, 4>& column, const std::string& where) {
          return whole_counts(column, sites, where);
        });
    const auto begin = [](char letter) { return cat(letter, "  ["); };
    return title(motif) + rows_by_letter(counts, begin, " ]\n");
  });
}

std::string pfm_text(const MotifFile& file) {
  return text_of_each(file, [](const Motif& motif) {
    const auto begin = [](char) { return std::string(); };
    return title(motif) + rows_by_letter(decimal_counts(motif), begin, "\n");
  });
}

std::string transfac_text(const MotifFile& file) {
  return text_of_each(file, transfac_motif);
}

MotifFile as_written(const MotifFile& file) {
  MotifFile written = file;
  written.background = rounded(file.background, "background");
  written.background_given = true;
  std::set<std::string_view> known;
  for (Motif& motif : written.motifs) {
    check_motif(motif, known);
    motif.sites = static_cast<double>(whole_sites(motif));
    for (std::size_t c = 0; c < motif.columns.size(); ++c) {
      motif.columns[c] = rounded(motif.columns[c], column_place(motif, c));
    }
  }
  return written;
}

}  // namespace explainn::data
