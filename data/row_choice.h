// Fewer rows of a data set, in their order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"

namespace explainn::data {

/// Leaves the rows `rows`, in ascending order, with all that belongs to them; targets and inputs
/// stay. Throws std::invalid_argument for rows that are not in order or not there.
void keep_rows(Dataset& dataset, std::span<const std::uint32_t> rows);

/// The rows of a data set of one binary task, in ascending order, without those whose label is NaN;
/// of the positives (labels of 0.5 and more) and the others at most `most` each, drawn by `seed`.
/// All rows of data without labels are of one kind.
std::vector<std::uint32_t> drawn_rows(const Dataset& dataset, std::int64_t most,
                                      std::uint64_t seed);

/// [count] for each of the first `count` sequences the number of the first one that is equal to it
/// or to its reverse complement (two of the same 64-bit hash count as equal, too).
std::vector<std::uint32_t> first_equals(const SequenceSet& sequences, std::size_t count);

}  // namespace explainn::data
