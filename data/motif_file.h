// Motifs in MEME format, written so that every reader takes them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace explainn::data {

struct Motif {
  std::string id;
  std::string name;                            ///< may be empty
  std::vector<std::array<double, 4>> columns;  ///< probabilities A C G T, each row summing to 1
  double sites = 0;                            ///< nsites; 0: not known
};

struct MotifFile {
  std::array<double, 4> background{0.25, 0.25, 0.25, 0.25};
  std::vector<Motif> motifs;
  bool background_given = false;  ///< by the file that was read; else it is uniform
};

/// MEME version 4: `MOTIF id name`, `letter-probability matrix: alength= 4 w= 19 nsites= 185 E= 0`
/// (nsites rounded down, left out below 1), rows of six decimals whose printed values sum to
/// exactly 1, a blank line after every matrix, the last too. Throws std::invalid_argument for an id
/// that is empty, repeated or holds blanks or `=`, a name with a line break, a motif without
/// columns, sites that are negative or infinite, and a column or background that is not a
/// probability distribution (NaN, negative, sum off by more than 1e-5).
std::string meme_text(const MotifFile& file);

/// `file` as a reader of meme_text() gets it: probabilities in millionths, whole sites. Throws as
/// meme_text() does for what is no distribution and no number of sites.
MotifFile as_written(const MotifFile& file);

}  // namespace explainn::data
