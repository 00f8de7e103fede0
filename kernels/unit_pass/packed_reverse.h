// The other strand of a packed sequence (packed_samples.h), word by word.
#pragma once

#include <cstdint>

#include "kernels/unit_pass/packed_samples.h"

namespace explainn::kernels {

/// The reverse complement of `length` bases and their mask; all bits beyond are 0. unknown null:
/// all bases are known, and out_unknown is not written.
void reverse_complement(std::int64_t length, const std::uint32_t* bases,
                        const std::uint32_t* unknown, std::uint32_t* out_bases,
                        std::uint32_t* out_unknown);

}  // namespace explainn::kernels
