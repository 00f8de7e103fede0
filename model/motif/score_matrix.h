// From a motif's probabilities to scores that are whole numbers.
#pragma once

#include <array>

#include "data/motif_file.h"
#include "engine/motif_scan.h"

namespace explainn::model {

using engine::ScoreColumns;

/// Frequencies of A C G T.
using Frequencies = std::array<double, 4>;

/// Both strands taken together: A like T, C like G. Throws std::invalid_argument unless each is
/// above 0; what they sum to is divided out.
Frequencies strand_symmetric(const Frequencies& frequencies);

/// log2(p / background) of each letter and column in units of 1 / kScoresPerBit, rounded, p being
/// with_pseudocount() (comparison.h). Throws std::invalid_argument without columns, for a
/// background that is not strand_symmetric(), and unless pseudo and each frequency are above 0.
ScoreColumns score_columns(const data::Motif& motif, const Frequencies& background, double pseudo);

/// A score as bits.
inline double bits(std::int32_t score) {
  return static_cast<double>(score) / engine::kScoresPerBit;
}

}  // namespace explainn::model
