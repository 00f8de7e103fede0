// Counts over a data file, read once from front to back.
#pragma once

#include <string>

#include "data/records.h"

namespace explainn::cli {

/// Sequences, lengths, splits, and for each task its labels: found, missing, least, mean, most.
std::string data_text(const std::string& path, const data::ReadOptions& options);

}  // namespace explainn::cli
