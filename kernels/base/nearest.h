// Spelling help: the known name that lies nearest to a wrong one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace explainn {

/// Damerau-Levenshtein distance (adjacent letters may change places), upper and lower case equal.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest distance to `wanted`, the first one on a tie; empty if even that
/// one differs in more than half of the longer name.
std::string nearest_name(std::string_view wanted, std::span<const std::string> candidates);

}  // namespace explainn
