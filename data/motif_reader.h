// Motifs from files of any of the usual forms.
#pragma once

#include <string>

#include "data/motif_file.h"

namespace explainn::data {

/// Most columns that a motif may have: far beyond any real one, so that a file of something else
/// ends in an error.
inline constexpr std::size_t kMostMotifColumns = 1000;

/// Reads all motifs of `path` ("-" for standard input; gzip is recognised), in the order of the
/// file. The form is told by the content:
/// - MEME 4 and 5: the minimal format and the text outputs of MEME, DREME and STREME. The alphabet
///   is ACGT, also with U for T (RNA); the rows of a matrix end with the first other line.
/// - JASPAR (`>id name`, four rows of A C G T with or without letters and brackets), and the same
///   with a row a position (HOCOMOCO, HOMER).
/// - TRANSFAC (id from AC, else ID, else NA, else DE).
/// - a bare matrix of four rows or four columns, one motif; the file's name is its id.
/// Probabilities are those of the file; columns that sum to 1 within kSumTolerance are kept as they
/// are, others divided by their sum. Columns of counts are divided by theirs; the largest sum is
/// the number of sites. Throws Error with file and line for what is no motif of DNA: among others
/// repeated ids and such with '=', probabilities that sum to less than 0.9 or more than 1.1,
/// numbers that are negative or not finite, widths that do not fit, and a file without motifs (but
/// for a MEME file with its header, which may be empty: meme_text() writes such).
MotifFile read_motif_file(const std::string& path);

}  // namespace explainn::data
