// What the writers of motif files share: checked ids, and numbers that add up.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "data/motif_file.h"

namespace explainn::data {

/// The sum of four probabilities. Throws std::invalid_argument, naming `where`, for what is no
/// probability distribution (NaN, negative, sum off by more than kSumTolerance).
double checked_sum(const std::array<double, 4>& row, const std::string& where);

/// Four probabilities as whole numbers that sum to `total`: each is rounded down, and what is
/// missing goes to the largest remainders (the first of equal ones). Throws as checked_sum().
std::array<std::int64_t, 4> apportion(const std::array<double, 4>& row, std::int64_t total,
                                      const std::string& where);

/// 1234567 as "1.234567", whatever the locale.
std::string six_decimals(std::int64_t millionths);

/// Motifs that any format can take: throws std::invalid_argument for an id that is empty, holds
/// blanks or `=` or is `known` already, a name with a line break or control character, no columns,
/// and sites that are no number from 0 to kMostSites. Adds the id to `known`.
void check_motif(const Motif& motif, std::set<std::string_view>& known);

/// "motif 'id', column 3" for the column of index 2.
std::string column_place(const Motif& motif, std::size_t column);

}  // namespace explainn::data
