// Which motifs of a file, and which of their columns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/run_log.h"
#include "data/motif_file.h"

namespace explainn::cli {

/// Leaves the motifs of `--ids a,b,c`, in the order of the file; all for an empty list. What is no
/// motif's id is taken for a name, of one motif or several. Throws Error for what is neither.
void choose_motifs(const std::string& list, std::vector<data::Motif>& motifs);

/// Throws UsageError unless `bits` (of `--trim`) is what a column can have.
void check_trim(std::optional<double> bits);

/// Takes off outer columns of less than `bits`, if given. Motifs that have no other are left out,
/// with a warning.
void trim_motifs(std::optional<double> bits, std::vector<data::Motif>& motifs, const RunLog& log);

}  // namespace explainn::cli
