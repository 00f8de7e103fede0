// DNA as numbers: A 0, C 1, G 2, T 3 (the one-hot order of the paper), anything unknown 4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace explainn::data {

using Base = std::uint8_t;

inline constexpr Base kUnknownBase = 4;
inline constexpr Base kNotABase = 255;
inline constexpr std::string_view kBaseLetters = "ACGTN";

/// A C G T in any case, U as T; every other IUPAC letter (N R Y S W K M B D H V) is unknown;
/// anything else is kNotABase.
Base base_code(char letter);

/// Writes the code of every letter to `out` (as many as there are letters). Returns the index of
/// the first letter that is no base, letters.size() if all are.
std::size_t encode_bases(std::string_view letters, Base* out);

/// True if there is at least one letter and all are bases or IUPAC letters.
bool all_bases(std::string_view letters);

/// The base that pairs with `base`; unknown stays unknown. Requires base <= kUnknownBase.
inline Base complement(Base base) {
  return base < 4 ? static_cast<Base>(3 - base) : base;
}

enum class Strand : std::uint8_t { forward, reverse };

/// '+' or '-'.
inline char sign(Strand strand) {
  return strand == Strand::forward ? '+' : '-';
}

/// Appends the letters of `bases` as `strand` reads them.
void append_letters(std::span<const Base> bases, Strand strand, std::string& text);

}  // namespace explainn::data
