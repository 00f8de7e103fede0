// Matrices of counts or probabilities as they stand in a file, and what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/motif_file.h"
#include "data/motif_lines.h"

namespace explainn::data {

struct MotifRow {
  std::optional<std::size_t> letter;  ///< 0..3 for A C G T, where the row begins with one
  std::vector<double> values;
  std::int64_t line = 0;
};

/// One motif: rows of equal length, either all with a letter or none, and at least one.
struct MotifBlock {
  std::string id;
  std::string name;
  std::int64_t line = 0;  ///< where it begins
  bool titled = false;    ///< a line `A C G T` above: each row is a position
  std::vector<MotifRow> rows;
};

/// Tells whether the rows are letters (JASPAR) or positions (HOCOMOCO) by their number and length;
/// four rows of four by their sums, which are the same for each position, else as the others in the
/// file, else as letters. Columns become probabilities. Sums up to 1.1 are those of probabilities
/// (each must be within 0.1 of 1), and the number of sites is not known; from 2 on they count
/// sites, and the largest one is their number. Throws Error with file and line for all others.
MotifFile motifs_of(const std::vector<MotifBlock>& blocks, const MotifLines& lines);

}  // namespace explainn::data
