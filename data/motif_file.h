// Motifs, and the texts that other programs read them from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace explainn::data {

/// Most sites that a motif may have: far beyond any real count, and whole numbers stay exact.
inline constexpr double kMostSites = 1e12;
/// How far from 1 the probabilities of a column may sum to be those of a motif.
inline constexpr double kSumTolerance = 1e-5;

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

// The writers below throw std::invalid_argument for an id that is empty, repeated or holds blanks
// or
// `=`, a name with a line break, a motif without columns, sites that are no number from 0 to
// kMostSites, and a column or background that is not a probability distribution (NaN, negative, sum
// off by more than kSumTolerance).

/// MEME version 4: `MOTIF id name`, `letter-probability matrix: alength= 4 w= 19 nsites= 185 E= 0`
/// (nsites rounded down, left out below 1), rows of six decimals whose printed values sum to
/// exactly 1, a blank line after every matrix, the last too.
std::string meme_text(const MotifFile& file);

/// `file` as a reader of meme_text() gets it: probabilities in millionths, whole sites.
MotifFile as_written(const MotifFile& file);

/// JASPAR: `>id<tab>name`, then `A  [ 1 2 3 ]` and the same for C, G and T: whole numbers, since
/// the usual reader in R takes no others. They are the probabilities times the sites, rounded so
/// that each column sums to the number of sites (as a whole number); where that is below 1 (not
/// known), to 100.
std::string jaspar_text(const MotifFile& file);

/// JASPAR's plain form: `>id<tab>name`, then four rows for A C G T with six decimals: probabilities
/// times the sites, or the probabilities where the sites are not known.
std::string pfm_text(const MotifFile& file);

/// TRANSFAC: `AC  id`, `ID  name`, `P0 A C G T`, a row a position with numbers as in pfm_text(),
/// `//`.
std::string transfac_text(const MotifFile& file);

}  // namespace explainn::data
