// How rows of the unit pass are padded.
#pragma once

#include <cstdint>

namespace explainn::kernels {

/// Padding of rows of hidden nodes and pooled values: a multiple of every set's vector.
inline constexpr std::int64_t kRowPadding = 16;

constexpr std::int64_t padded(std::int64_t size) {
  return (size + kRowPadding - 1) / kRowPadding * kRowPadding;
}

}  // namespace explainn::kernels
