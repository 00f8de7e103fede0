#include "kernels/unit_pass/packed_reverse.h"

#include "kernels/unit_pass/packed_strand.h"

namespace explainn::kernels {
namespace {

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
  const auto size = static_cast<int>(length);
  for (int w = 0; w < base_words(length); ++w) out_bases[w] = strand_bases(bases, size, true, w);
  if (unknown == nullptr) return;
  for (int w = 0; w < mask_words(length); ++w) out_unknown[w] = strand_mask(unknown, size, true, w);
  // An unknown base stands as 0 on this strand too.
  for (std::int64_t w = 0; w < base_words(length); ++w) {
    out_bases[w] &= ~doubled((out_unknown[w / 2] >> (16 * (w % 2))) & 0xFFFFU);
  }
}

}  // namespace explainn::kernels
