// Small products of matrices in cache: a tile of the result is held in registers. Included by
// loops_source.h alone.
#pragma once

#include "kernels/unit_pass/unrolled_source.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

/// Rows and vectors of columns.
template <int Rows, int Columns>
struct TileSize {};

// Calls at(row, Rows) with tiles of at most Most rows, Rows being a constant, that cover rows
// 0 .. rows - 1 and are as equal as can be: a small tile has too few sums to keep the multiply-adds
// busy. Few rows go one by one, so that the sizes in between need no code.
template <int Most, typename At>
[[gnu::always_inline]] inline void equal_tiles(std::int64_t rows, const At& at) {
  constexpr int kLeast = (Most + 1) / 2;
  const std::int64_t tiles = rows < kLeast ? rows : (rows + Most - 1) / Most;
  std::int64_t row = 0;
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    const std::int64_t end = rows * (tile + 1) / tiles;
    if (rows < kLeast) {
      at(row, std::integral_constant<int, 1>{});
    } else {
      unrolled<Most - kLeast + 1>([&](auto index) __attribute__((always_inline)) {
        if (constexpr int kRows = kLeast + index; end - row == kRows)
          at(row, std::integral_constant<int, kRows>{});
      });
    }
    row = end;
  }
}

// All rows of some columns. A function for each shape: all shapes in one take minutes to compile.
template <int Rows, int Columns, typename At>
[[gnu::noinline]] void tiles_of_columns(std::int64_t rows, std::int64_t column, const At& at) {
  equal_tiles<Rows>(
      rows, [&](std::int64_t row, auto tile_rows) __attribute__((always_inline)) {
        at(row, column, TileSize<tile_rows, Columns>{});
      });
}

// Calls at(row, column, TileSize) for tiles that cover everything. They fill the registers (32 in
// AVX-512, else 16) and leave some for the operands. Where sanitizers check each access of each
// shape there are few: their code is the same.
template <typename T, int Bytes, typename At>
[[gnu::always_inline]] inline void all_tiles(std::int64_t rows, std::int64_t columns,
                                             const At& at) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const std::int64_t vectors = columns / kLanes;
  std::int64_t v = 0;
#if defined(EXPLAINN_FEW_TILES)
  for (; vectors - v >= 2; v += 2) tiles_of_columns<3, 2>(rows, v * kLanes, at);
  for (; vectors - v >= 1; v += 1) tiles_of_columns<3, 1>(rows, v * kLanes, at);
#else
  if constexpr (Bytes == 64) {
    for (; vectors - v == 3 || vectors - v == 7; v += 3) {
      tiles_of_columns<8, 3>(rows, v * kLanes, at);
    }
    for (; vectors - v >= 4; v += 4) tiles_of_columns<6, 4>(rows, v * kLanes, at);
    for (; vectors - v >= 2; v += 2) tiles_of_columns<12, 2>(rows, v * kLanes, at);
    for (; vectors - v >= 1; v += 1) tiles_of_columns<12, 1>(rows, v * kLanes, at);
  } else {
    // Threes and, where they would leave one over, twos.
    for (; vectors - v == 3 || vectors - v > 4; v += 3) {
      tiles_of_columns<4, 3>(rows, v * kLanes, at);
    }
    for (; vectors - v >= 2; v += 2) tiles_of_columns<6, 2>(rows, v * kLanes, at);
    for (; vectors - v >= 1; v += 1) tiles_of_columns<8, 1>(rows, v * kLanes, at);
  }
#endif
}

// Where the tile's rows of a and its columns of b begin.
template <typename T>
struct TileOperands {
  std::int64_t inner;
  const T* a;
  std::int64_t a_row, a_inner;
  const T* b;
  std::int64_t b_row;
};

// sum[r][v] += the sum over i of a[r][i] b[i][v], in the order of i.
template <typename T, int Bytes, int Rows, int Columns>
[[gnu::always_inline]] inline void add_products(
    const TileOperands<T>& p, typename Vectors<T, Bytes>::Real (&sum)[Rows][Columns]) {
  using V = Vectors<T, Bytes>;
  for (std::int64_t i = 0; i < p.inner; ++i) {
    typename V::Real b[Columns];
    for (int v = 0; v < Columns; ++v) b[v] = V::load(p.b + i * p.b_row + v * V::kLanes);
    for (int r = 0; r < Rows; ++r) {
      const typename V::Real a = V::broadcast(p.a[r * p.a_row + i * p.a_inner]);
      for (int v = 0; v < Columns; ++v) sum[r][v] = V::add_product(sum[r][v], a, b[v]);
    }
  }
}

}  // namespace
}  // namespace explainn::kernels
