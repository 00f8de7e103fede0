// Small products of matrices in cache. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/tiles_source.h"

namespace explainn::kernels {
namespace {

// The product, each vector of it being stored as finish(row, column, vector) makes it.
template <typename T, int Bytes, typename Finish>
[[gnu::always_inline]] inline void product_and(const ProductParams<T>& p, const Finish& finish) {
  using V = Vectors<T, Bytes>;
  all_tiles<T, Bytes>(
      p.rows, p.columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column, TileSize<Rows, Columns>)
          __attribute__((always_inline)) {
            T* const c = p.c + row * p.c_row + column;
            typename V::Real sum[Rows][Columns] = {};
            if (p.add) {
              for (int r = 0; r < Rows; ++r) {
                for (int v = 0; v < Columns; ++v)
                  sum[r][v] = V::load(c + r * p.c_row + v * V::kLanes);
              }
            }
            add_products<T, Bytes>(
                {p.inner, p.a + row * p.a_row, p.a_row, p.a_inner, p.b + column, p.b_row}, sum);
            for (int r = 0; r < Rows; ++r) {
              for (int v = 0; v < Columns; ++v) {
                V::store(c + r * p.c_row + v * V::kLanes,
                         finish(row + r, column + v * V::kLanes, sum[r][v]));
              }
            }
          });
}

// Once for all who call it: the tiles are much code.
template <typename T, int Bytes>
[[gnu::noinline]] void product(const ProductParams<T>& p) {
  product_and<T, Bytes>(
      p, [](std::int64_t, std::int64_t, typename Vectors<T, Bytes>::Real value)
             __attribute__((always_inline)) { return value; });
}

}  // namespace
}  // namespace explainn::kernels
