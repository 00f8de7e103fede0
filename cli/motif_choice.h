// Which motifs of a file, and which of their columns.
#pragma once

#include <string>
#include <vector>

#include "cli/run_log.h"
#include "data/motif_file.h"

namespace explainn::cli {

/// Leaves the motifs of `--ids a,b,c`, in the order of the file; all for an empty list. Throws
/// Error for an id that no motif has.
void choose_motifs(const std::string& list, std::vector<data::Motif>& motifs);

/// Takes off outer columns of less than `bits` (`--trim`). Motifs that have no other are left out,
/// with a warning. Throws UsageError for what is no information of a column.
void trim_motifs(double bits, std::vector<data::Motif>& motifs, const RunLog& log);

}  // namespace explainn::cli
