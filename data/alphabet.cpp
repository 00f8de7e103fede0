#include "data/alphabet.h"

#include <algorithm>
#include <array>

namespace explainn::data {
namespace {

constexpr std::array<Base, 256> make_codes() {
  std::array<Base, 256> codes{};
  codes.fill(kNotABase);
  const auto set = [&codes](std::string_view letters, Base code) {
    for (const char letter : letters) {
      codes[static_cast<unsigned char>(letter)] = code;
      codes[static_cast<unsigned char>(letter - 'A' + 'a')] = code;
    }
  };
  set("A", 0);
  set("C", 1);
  set("G", 2);
  set("TU", 3);
  set("NRYSWKMBDHV", kUnknownBase);
  return codes;
}

constexpr std::array<Base, 256> kCodes = make_codes();

}  // namespace

Base base_code(char letter) {
  return kCodes[static_cast<unsigned char>(letter)];
}

std::size_t encode_bases(std::string_view letters, Base* out) {
  // One pass without a branch; kNotABase is the only code with its top bit set.
  Base seen = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const Base code = kCodes[static_cast<unsigned char>(letters[i])];
    out[i] = code;
    seen |= code;
  }
  if ((seen & 0x80) == 0) return letters.size();
  return static_cast<std::size_t>(std::find(out, out + letters.size(), kNotABase) - out);
}

bool all_bases(std::string_view letters) {
  return !letters.empty() && std::all_of(letters.begin(), letters.end(), [](char letter) {
    return base_code(letter) != kNotABase;
  });
}

void append_letters(std::span<const Base> bases, Strand strand, std::string& text) {
  const auto first = static_cast<std::ptrdiff_t>(text.size());
  for (const Base base : bases) {
    text += kBaseLetters[strand == Strand::forward ? base : complement(base)];
  }
  if (strand == Strand::reverse) std::reverse(text.begin() + first, text.end());
}

}  // namespace explainn::data
