// The layers of the folded network. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// Rows x Columns vectors of ReLU(bias + x w), held in registers over all inputs.
template <typename T, int Bytes, int Rows, int Columns>
struct Tile {
  using V = Vectors<T, Bytes>;
  typename V::Real sum[Rows][Columns];

  [[gnu::always_inline]] void compute(std::int64_t inputs, std::int64_t columns, const T* x,
                                      std::int64_t x_stride, const T* w, const T* bias) {
    for (int c = 0; c < Columns; ++c) {
      const typename V::Real start = V::load(bias + c * V::kLanes);
      for (int r = 0; r < Rows; ++r) sum[r][c] = start;
    }
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (int c = 0; c < Columns; ++c) {
        const typename V::Real weight = V::load(w + i * columns + c * V::kLanes);
        for (int r = 0; r < Rows; ++r) sum[r][c] += x[r * x_stride + i] * weight;
      }
    }
    const typename V::Real zero{};
    for (int r = 0; r < Rows; ++r) {
      for (int c = 0; c < Columns; ++c) sum[r][c] = sum[r][c] < zero ? zero : sum[r][c];
    }
  }
};

// Calls at(row, column, tile) for tiles that cover everything. The widths leave registers for the
// operands: 16 of them in the smaller sets, 32 in AVX-512.
template <typename T, int Bytes, int Rows, int Columns, typename At>
[[gnu::always_inline]] inline void column_tiles(std::int64_t row, std::int64_t vectors,
                                                std::int64_t& column, const At& at) {
  for (; column + Columns <= vectors; column += Columns) {
    Tile<T, Bytes, Rows, Columns> tile;
    at(row, column * Vectors<T, Bytes>::kLanes, tile);
  }
}

template <typename T, int Bytes, int Rows, typename At>
[[gnu::always_inline]] inline void row_of_tiles(std::int64_t row, std::int64_t vectors,
                                                const At& at) {
  std::int64_t column = 0;
  if constexpr (Bytes == 64) {
    column_tiles<T, Bytes, Rows, 7>(row, vectors, column, at);
    column_tiles<T, Bytes, Rows, 4>(row, vectors, column, at);
  }
  column_tiles<T, Bytes, Rows, 3>(row, vectors, column, at);
  column_tiles<T, Bytes, Rows, 2>(row, vectors, column, at);
  column_tiles<T, Bytes, Rows, 1>(row, vectors, column, at);
}

template <typename T, int Bytes, typename At>
[[gnu::always_inline]] inline void all_tiles(std::int64_t rows, std::int64_t columns,
                                             const At& at) {
  constexpr int kRows = Bytes == 64 ? 3 : 4;
  const std::int64_t vectors = columns / Vectors<T, Bytes>::kLanes;
  std::int64_t row = 0;
  for (; row + kRows <= rows; row += kRows) row_of_tiles<T, Bytes, kRows>(row, vectors, at);
  for (; row < rows; ++row) row_of_tiles<T, Bytes, 1>(row, vectors, at);
}

template <typename T, int Bytes>
void layer(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
           std::int64_t x_stride, const T* w, const T* bias, T* y) {
  using V = Vectors<T, Bytes>;
  all_tiles<T, Bytes>(
      rows, columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                 Tile<T, Bytes, Rows, Columns>& tile) {
        tile.compute(inputs, columns, x + row * x_stride, x_stride, w + column, bias + column);
        for (int r = 0; r < Rows; ++r) {
          for (int c = 0; c < Columns; ++c) {
            V::store(y + (row + r) * columns + column + c * V::kLanes, tile.sum[r][c]);
          }
        }
      });
}

template <typename T, int Bytes>
void layer_and_sum(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                   std::int64_t x_stride, const T* w, const T* bias, const T* last, T* y) {
  using V = Vectors<T, Bytes>;
  for (std::int64_t row = 0; row < rows; ++row) y[row] = 0;
  all_tiles<T, Bytes>(rows, columns,
                      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                                 Tile<T, Bytes, Rows, Columns>& tile) {
                        tile.compute(inputs, columns, x + row * x_stride, x_stride, w + column,
                                     bias + column);
                        for (int r = 0; r < Rows; ++r) {
                          typename V::Real total{};
                          for (int c = 0; c < Columns; ++c) {
                            total += tile.sum[r][c] * V::load(last + column + c * V::kLanes);
                          }
                          T sum = 0;
                          for (int lane = 0; lane < V::kLanes; ++lane) sum += total[lane];
                          y[row + r] += sum;
                        }
                      });
}

}  // namespace
}  // namespace explainn::kernels
