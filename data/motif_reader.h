// Motifs from files of any of the usual forms.
#pragma once

#include <string>

#include "data/motif_file.h"

namespace explainn::data {

/// Most columns that a motif may have: far beyond any real one, so that a file of something else
/// ends in an error.
inline constexpr std::size_t kMostMotifColumns = 1000;

/// Reads all motifs of `path` ("-" for standard input; gzip is recognised), in the order of the
/// file. The form is told by the content: MEME 4 and 5 (the minimal format and the text outputs of
/// MEME, DREME and STREME). Probabilities are those of the file; rows that sum to 1 within 1e-5
/// are kept as they are, others are divided by their sum. Throws Error with file and line for what
/// is no motif of DNA: among others repeated ids, rows that sum to less than 0.9 or more than 1.1,
/// numbers that are negative or not finite, widths that do not fit, and a file without motifs
/// (but for a MEME file with its header: it may be empty).
MotifFile read_motif_file(const std::string& path);

}  // namespace explainn::data
