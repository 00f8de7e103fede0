// Matches of motifs as the table of the field's standard tool.
#pragma once

#include <vector>

#include "cli/table_writer.h"
#include "model/motif/comparison.h"

namespace explainn::cli {

/// The header, a row for each match and a comment line with the distance used; the caller writes
/// the footer. Numbers have six digits. `options` are those of the comparison.
void write_matches(const data::MotifFile& queries, const data::MotifFile& targets,
                   const std::vector<model::MotifMatch>& matches,
                   const model::ComparisonOptions& options, TableWriter& table);

}  // namespace explainn::cli
