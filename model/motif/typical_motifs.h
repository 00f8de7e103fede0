// What the columns of motifs look like in general.
#pragma once

#include <vector>

#include "data/motif_file.h"

namespace explainn::model {

/// 256 motifs of 32 columns that are nobody's: columns drawn once and for all (Philox), the shares
/// of their letters spread as in the 8,983 columns of JASPAR 2020's vertebrate motifs: 62 % with
/// one letter above 0.7, 14 % with two above 0.8 together, 24 % with neither. Beside the targets of
/// a comparison they make chance the same for few motifs, or motifs that are much alike, as for
/// many.
const std::vector<data::Motif>& typical_motifs();

}  // namespace explainn::model
