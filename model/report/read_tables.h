// What the readers of a report's tables share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/result_table.h"
#include "model/report/report.h"

namespace explainn::model::report {

inline constexpr const char* kHint = "run interpret (or discover) again";

inline std::string in(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

/// Filters by their ids.
std::map<std::string, std::size_t> numbers_by_id(const std::vector<Filter>& filters);

/// modes.tsv with archetypes.meme; nothing in a folder of a version that did not write them. Throws
/// Error where they are of other filters.
std::vector<Mode> read_modes(const std::string& folder, const std::vector<Filter>& filters);

/// motifs.tsv; nothing in a folder of interpret. Throws Error where it is of other filters.
std::vector<Discovered> read_discovered(const std::string& folder,
                                        const std::vector<Filter>& filters);

}  // namespace explainn::model::report
