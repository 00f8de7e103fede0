// One strand or the other of a packed sequence (packed_samples.h), word by word.
#pragma once

#include "kernels/unit_pass/packed_samples.h"

namespace explainn::kernels {

/// All bits of a word in reverse order: one instruction of a GPU, which nvcc recognises here.
EXPLAINN_HOST_DEVICE constexpr std::uint32_t reversed_bits(std::uint32_t word) {
  word = ((word >> 1) & 0x55555555U) | ((word & 0x55555555U) << 1);
  word = ((word >> 2) & 0x33333333U) | ((word & 0x33333333U) << 2);
  word = ((word >> 4) & 0x0F0F0F0FU) | ((word & 0x0F0F0F0FU) << 4);
  word = ((word >> 8) & 0x00FF00FFU) | ((word & 0x00FF00FFU) << 8);
  return (word >> 16) | (word << 16);
}

/// Word `word` of a row of `length` elements of kBits bits in reverse order, the bits of each
/// element swapped too. 0 beyond the end.
template <int kBits>
EXPLAINN_HOST_DEVICE constexpr std::uint32_t turned_word(const std::uint32_t* words, int length,
                                                         int word) {
  constexpr int kInWord = 32 / kBits;
  // Source elements left - kInWord .. left - 1; those before 0 become the zeros at the end.
  const int left = length - kInWord * word;
  const int last = (left - 1) / kInWord;
  const int bits = kBits * (left - kInWord * last);
  const std::uint32_t high = words[last];
  const std::uint32_t low = last > 0 ? words[last - 1] : 0;
  return reversed_bits(bits == 32 ? high : (high << (32 - bits)) | (low >> bits));
}

/// The 16 bases from 16 `word` on of a sequence, in order or as its reverse complement (base t is
/// then 3 minus base L - 1 - t). 0 beyond the end.
EXPLAINN_HOST_DEVICE constexpr std::uint32_t strand_bases(const std::uint32_t* bases, int length,
                                                          bool reverse, int word) {
  const int left = length - 16 * word;
  std::uint32_t value = bases[word];
  if (reverse) {
    const std::uint32_t turned = turned_word<2>(bases, length, word);
    value = ~(((turned & 0x55555555U) << 1) | ((turned >> 1) & 0x55555555U));
  }
  return left < 16 ? value & ((1U << (2 * left)) - 1) : value;
}

/// Likewise 32 bits of a mask of bases from 32 `word` on.
EXPLAINN_HOST_DEVICE constexpr std::uint32_t strand_mask(const std::uint32_t* mask, int length,
                                                         bool reverse, int word) {
  return reverse ? turned_word<1>(mask, length, word) : mask[word];
}

}  // namespace explainn::kernels
