// Small products of matrices in cache, a tile of c held in registers. Included by loops_source.h
// alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes, int Rows, int Columns>
[[gnu::always_inline]] inline void product_tile(const ProductParams<T>& p, std::int64_t row,
                                                std::int64_t column) {
  using V = Vectors<T, Bytes>;
  const T* const a = p.a + row * p.a_row;
  const T* const b = p.b + column;
  T* const c = p.c + row * p.c_row + column;
  typename V::Real sum[Rows][Columns] = {};
  if (p.add) {
    for (int r = 0; r < Rows; ++r) {
      for (int v = 0; v < Columns; ++v) sum[r][v] = V::load(c + r * p.c_row + v * V::kLanes);
    }
  }
  for (std::int64_t i = 0; i < p.inner; ++i) {
    typename V::Real weight[Columns];
    for (int v = 0; v < Columns; ++v) weight[v] = V::load(b + i * p.b_row + v * V::kLanes);
    for (int r = 0; r < Rows; ++r) {
      const typename V::Real x = V::broadcast(a[r * p.a_row + i * p.a_inner]);
      for (int v = 0; v < Columns; ++v) sum[r][v] = V::add_product(sum[r][v], x, weight[v]);
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (int v = 0; v < Columns; ++v) V::store(c + r * p.c_row + v * V::kLanes, sum[r][v]);
  }
}

template <typename T, int Bytes, int Rows, int Columns>
void product_columns(const ProductParams<T>& p, std::int64_t column) {
  equal_tiles<Rows>(p.rows, [&](std::int64_t row, auto tile_rows) {
    product_tile<T, Bytes, tile_rows, Columns>(p, row, column);
  });
}

// The tiles fill the registers (32 in AVX-512, else 16) and leave some for the operands.
template <typename T, int Bytes>
void product(const ProductParams<T>& p) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const std::int64_t vectors = p.columns / kLanes;
  std::int64_t v = 0;
  if constexpr (Bytes == 64) {
    for (; vectors - v == 3 || vectors - v == 7; v += 3)
      product_columns<T, Bytes, 8, 3>(p, v * kLanes);
    for (; vectors - v >= 4; v += 4) product_columns<T, Bytes, 6, 4>(p, v * kLanes);
    for (; vectors - v >= 2; v += 2) product_columns<T, Bytes, 12, 2>(p, v * kLanes);
    for (; vectors - v >= 1; v += 1) product_columns<T, Bytes, 12, 1>(p, v * kLanes);
  } else {
    // Threes and, where they would leave one over, twos.
    for (; vectors - v == 3 || vectors - v > 4; v += 3) {
      product_columns<T, Bytes, 4, 3>(p, v * kLanes);
    }
    for (; vectors - v >= 2; v += 2) product_columns<T, Bytes, 6, 2>(p, v * kLanes);
    for (; vectors - v >= 1; v += 1) product_columns<T, Bytes, 8, 1>(p, v * kLanes);
  }
}

}  // namespace
}  // namespace explainn::kernels
