// The layers of the folded network. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// Rows x Columns vectors of ReLU(bias + x w), held in registers over all inputs, then
// finish(row, vectors of the row).
template <typename T, int Bytes, int Rows, int Columns, typename Finish>
[[gnu::always_inline]] inline void relu_tile(std::int64_t inputs, std::int64_t columns, const T* x,
                                             std::int64_t x_stride, const T* w, const T* bias,
                                             const Finish& finish) {
  using V = Vectors<T, Bytes>;
  typename V::Real sum[Rows][Columns];
  for (int c = 0; c < Columns; ++c) {
    const typename V::Real start = V::load(bias + c * V::kLanes);
    for (int r = 0; r < Rows; ++r) sum[r][c] = start;
  }
  for (std::int64_t i = 0; i < inputs; ++i) {
    typename V::Real weight[Columns];
    for (int c = 0; c < Columns; ++c) weight[c] = V::load(w + i * columns + c * V::kLanes);
    for (int r = 0; r < Rows; ++r) {
      const typename V::Real one = V::broadcast(x[r * x_stride + i]);
      for (int c = 0; c < Columns; ++c) sum[r][c] = V::add_product(sum[r][c], one, weight[c]);
    }
  }
  const typename V::Real zero{};
  for (int r = 0; r < Rows; ++r) {
    for (int c = 0; c < Columns; ++c) sum[r][c] = sum[r][c] < zero ? zero : sum[r][c];  // keeps NaN
    finish(r, sum[r]);
  }
}

template <int Rows, int Columns>
struct TileSize {};

template <int Rows, int Columns, typename At>
[[gnu::always_inline]] inline void tiles_of_columns(std::int64_t rows, std::int64_t column,
                                                    const At& at) {
  equal_tiles<Rows>(
      rows, [&](std::int64_t row, auto tile_rows) __attribute__((always_inline)) {
        at(row, column, TileSize<tile_rows, Columns>{});
      });
}

// Calls at(row, column, TileSize) for tiles that cover everything. They fill the registers (32 in
// AVX-512, else 16) and leave some for the operands.
template <typename T, int Bytes, typename At>
[[gnu::always_inline]] inline void all_tiles(std::int64_t rows, std::int64_t columns,
                                             const At& at) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const std::int64_t vectors = columns / kLanes;
  std::int64_t v = 0;
  if constexpr (Bytes == 64) {
    for (; vectors - v == 3 || vectors - v == 7; v += 3) {
      tiles_of_columns<8, 3>(rows, v * kLanes, at);
    }
    for (; vectors - v >= 4; v += 4) tiles_of_columns<6, 4>(rows, v * kLanes, at);
    for (; vectors - v >= 1; v += 1) tiles_of_columns<12, 1>(rows, v * kLanes, at);
  } else {
    // Threes and, where they would leave one over, twos.
    for (; vectors - v == 3 || vectors - v > 4; v += 3) {
      tiles_of_columns<4, 3>(rows, v * kLanes, at);
    }
    for (; vectors - v >= 2; v += 2) tiles_of_columns<6, 2>(rows, v * kLanes, at);
    for (; vectors - v >= 1; v += 1) tiles_of_columns<8, 1>(rows, v * kLanes, at);
  }
}

template <typename T, int Bytes>
void layer(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
           std::int64_t x_stride, const T* w, const T* bias, T* y) {
  using V = Vectors<T, Bytes>;
  all_tiles<T, Bytes>(
      rows, columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                 TileSize<Rows, Columns>) __attribute__((always_inline)) {
        relu_tile<T, Bytes, Rows, Columns>(
            inputs, columns, x + row * x_stride, x_stride, w + column, bias + column,
            [&](int r, const typename V::Real(&values)[Columns]) __attribute__((always_inline)) {
              for (int c = 0; c < Columns; ++c) {
                V::store(y + (row + r) * columns + column + c * V::kLanes, values[c]);
              }
            });
      });
}

template <typename T, int Bytes>
void layer_and_sum(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                   std::int64_t x_stride, const T* w, const T* bias, const T* last, T* y) {
  using V = Vectors<T, Bytes>;
  for (std::int64_t row = 0; row < rows; ++row) y[row] = 0;
  all_tiles<T, Bytes>(
      rows, columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                 TileSize<Rows, Columns>) __attribute__((always_inline)) {
        relu_tile<T, Bytes, Rows, Columns>(
            inputs, columns, x + row * x_stride, x_stride, w + column, bias + column,
            [&](int r, const typename V::Real(&values)[Columns]) __attribute__((always_inline)) {
              typename V::Real total{};
              for (int c = 0; c < Columns; ++c) {
                total = V::add_product(total, values[c], V::load(last + column + c * V::kLanes));
              }
              y[row + r] += V::sum(total);
            });
      });
}

}  // namespace
}  // namespace explainn::kernels
