// Operations on one motif: a matrix [w,4] of probabilities, columns of the motif in rows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/motif_file.h"

namespace explainn::model {

/// [w], bits: sum over letters of p log2(p / background), 0 for p = 0. At least 0 where both sum to
/// 1. Throws std::invalid_argument unless each frequency of the background is above 0.
std::vector<double> information_content(const data::Motif& motif,
                                        const std::array<double, 4>& background);

/// Columns from last to first, A with T and C with G exchanged; id, name and sites stay.
data::Motif reverse_complement(const data::Motif& motif);

/// The most probable letter of each column. Among equal ones the first of A C G T, but the running
/// maximum is kept in float32 and the next letter compared with it in float64, as the standard
/// tool for comparing motifs does: where float32 rounds down, a later equal letter wins. That tool
/// shows the consensus of matrices with its pseudocounts in them, and for '-' of the turned matrix.
std::string consensus(const data::Motif& motif);

/// The letters that a column stands for, as one IUPAC code each (rules of Cavener 1987, Nucleic
/// Acids Res 15:1353): one letter above 1/2 and above twice the next; else two that sum to above
/// 3/4; else three if the fourth is 0; else N. Equal letters in the order A C G T.
std::string iupac_consensus(const data::Motif& motif);

/// Sum over the columns of the information content over a uniform background: 0 to 2w bits.
double total_information(const data::Motif& motif);

/// Without the outer columns whose information content over a uniform background is below `bits`:
/// from each end up to the first column that reaches it. No columns are left if none reaches it.
data::Motif trim(const data::Motif& motif, double bits);

/// `width` columns about the centre: the outer ones are cut off, or columns of 1/4 added. An odd
/// one is cut or added at the end. Throws std::invalid_argument for a width below 1.
data::Motif resize(const data::Motif& motif, std::int64_t width);

}  // namespace explainn::model
