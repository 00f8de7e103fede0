#include "kernels/unit_pass/packed_reverse.h"

namespace explainn::kernels {
namespace {

// The order of the groups of `bits` bits (1 or 2) turned around.
template <int bits>
std::uint32_t reversed(std::uint32_t word) {
  const auto swap = [&word](std::uint32_t mask, int by) {
    word = ((word >> by) & mask) | ((word & mask) << by);
  };
  swap(0x0000FFFFU, 16);
  swap(0x00FF00FFU, 8);
  swap(0x0F0F0F0FU, 4);
  swap(0x33333333U, 2);
  if (bits == 1) swap(0x55555555U, 1);
  return word;
}

// Elements of `bits` bits in reverse order; each word is first changed by `change`. What stands
// beyond `length` is dropped.
template <int bits, typename Change>
void reverse_elements(std::int64_t length, const std::uint32_t* in, std::uint32_t* out,
                      const Change& change) {
  constexpr std::int64_t kInWord = 32 / bits;
  const std::int64_t words = (length + kInWord - 1) / kInWord;
  const auto shift = static_cast<int>(words * kInWord - length) * bits;
  const auto turned = [&](std::int64_t w) {
    return w < words ? reversed<bits>(change(in[words - 1 - w])) : 0U;
  };
  for (std::int64_t w = 0; w < words; ++w) {
    // In two steps: a shift by all 32 bits is undefined.
    out[w] = shift == 0 ? turned(w) : (turned(w) >> shift) | (turned(w + 1) << (32 - shift));
  }
}

// Both bits of every base that is marked in half a word of the mask.
std::uint32_t doubled(std::uint32_t half) {
  half = (half | (half << 8)) & 0x00FF00FFU;
  half = (half | (half << 4)) & 0x0F0F0F0FU;
  half = (half | (half << 2)) & 0x33333333U;
  half = (half | (half << 1)) & 0x55555555U;
  return half * 3;
}

}  // namespace

void reverse_complement(std::int64_t length, const std::uint32_t* bases,
                        const std::uint32_t* unknown, std::uint32_t* out_bases,
                        std::uint32_t* out_unknown) {
  // A base and its complement sum to 3: all bits change.
  reverse_elements<2>(length, bases, out_bases, [](std::uint32_t word) { return ~word; });
  if (unknown == nullptr) return;
  reverse_elements<1>(length, unknown, out_unknown, [](std::uint32_t word) { return word; });
  for (std::int64_t w = 0; w < base_words(length); ++w) {
    out_bases[w] &= ~doubled((out_unknown[w / 2] >> (16 * (w % 2))) & 0xFFFFU);
  }
}

}  // namespace explainn::kernels
