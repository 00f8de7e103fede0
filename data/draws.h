// Permutations of rows that are drawn once. They stand where no epoch's order stands, and each
// apart from the others, so that no draw tells anything of another.
#pragma once

#include <cstdint>
#include <limits>

namespace explainn::data {

// In place of the epoch of Permutation (kernels/base/permutation.h).
inline constexpr std::uint32_t kValidationDraw = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t kPartsDraw = kValidationDraw - 1;
inline constexpr std::uint32_t kRowsDraw = kValidationDraw - 2;

}  // namespace explainn::data
