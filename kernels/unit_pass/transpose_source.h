// Transposition by blocks of 4 x 4. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// to [columns][to_stride] from from [rows][from_stride]. columns is a multiple of 4; rows are made
// up to one by zeros, for which `to` must have room.
template <typename T>
[[gnu::always_inline]] inline void transpose(std::int64_t rows, std::int64_t columns, const T* from,
                                             std::int64_t from_stride, T* to,
                                             std::int64_t to_stride) {
  using V = Vectors<T, 4 * sizeof(T)>;
  using Index = typename V::Int;
  using Real = typename V::Real;
  const Index low{0, 4, 1, 5};
  const Index high{2, 6, 3, 7};
  for (std::int64_t row = 0; row < rows; row += 4) {
    const std::int64_t left = rows - row;
    const T* const at = from + row * from_stride;
    for (std::int64_t column = 0; column < columns; column += 4) {
      const Real a = V::load(at + column);
      const Real b = left > 1 ? V::load(at + from_stride + column) : Real{};
      const Real c = left > 2 ? V::load(at + 2 * from_stride + column) : Real{};
      const Real d = left > 3 ? V::load(at + 3 * from_stride + column) : Real{};
      const Real ac_low = __builtin_shuffle(a, c, low);
      const Real ac_high = __builtin_shuffle(a, c, high);
      const Real bd_low = __builtin_shuffle(b, d, low);
      const Real bd_high = __builtin_shuffle(b, d, high);
      T* const block = to + column * to_stride + row;
      V::store(block, __builtin_shuffle(ac_low, bd_low, low));
      V::store(block + to_stride, __builtin_shuffle(ac_low, bd_low, high));
      V::store(block + 2 * to_stride, __builtin_shuffle(ac_high, bd_high, low));
      V::store(block + 3 * to_stride, __builtin_shuffle(ac_high, bd_high, high));
    }
  }
}

// The same with zeros behind the rows, up to to_stride.
template <typename T>
void transpose_padded(std::int64_t rows, std::int64_t columns, const T* from,
                      std::int64_t from_stride, T* to, std::int64_t to_stride) {
  for (std::int64_t column = 0; column < columns; ++column) {
    for (std::int64_t row = rows / 4 * 4; row < to_stride; ++row) to[column * to_stride + row] = 0;
  }
  transpose(rows, columns, from, from_stride, to, to_stride);
}

}  // namespace
}  // namespace explainn::kernels
