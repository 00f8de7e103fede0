// Matches of motifs as pictures: queries over their targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/motif_file.h"

namespace explainn::cli {

/// A row of a table of `explainn tomtom`.
struct Match {
  std::size_t query, target;  ///< their numbers in their files
  std::int64_t offset;        ///< column of the target under the first one of the query
  bool reversed;              ///< the target is, and `offset` refers to that
};

/// The first `most` rows of each query, in the order of the table (the best come first). Throws
/// Error with file and line for what is no such table, for ids that the files do not hold, and for
/// offsets that leave no column over another.
std::vector<Match> read_matches(const std::string& path, const std::vector<data::Motif>& queries,
                                const std::vector<data::Motif>& targets, std::int64_t most);

}  // namespace explainn::cli
