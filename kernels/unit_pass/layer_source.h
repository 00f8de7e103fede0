// The layers of the folded network. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/tiles_source.h"

namespace explainn::kernels {
namespace {

// ReLU(bias + x w) by tiles, each followed by finish(row, column, vectors of the row).
template <typename T, int Bytes, typename Finish>
[[gnu::always_inline]] inline void relu_layer(std::int64_t rows, std::int64_t inputs,
                                              std::int64_t columns, const T* x,
                                              std::int64_t x_stride, const T* w, const T* bias,
                                              const Finish& finish) {
  using V = Vectors<T, Bytes>;
  all_tiles<T, Bytes>(
      rows, columns,
      [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                 TileSize<Rows, Columns>) __attribute__((always_inline)) {
        typename V::Real sum[Rows][Columns];
        for (int v = 0; v < Columns; ++v) {
          const typename V::Real start = V::load(bias + column + v * V::kLanes);
          for (int r = 0; r < Rows; ++r) sum[r][v] = start;
        }
        add_products<T, Bytes>({inputs, x + row * x_stride, x_stride, 1, w + column, columns}, sum);
        const typename V::Real zero{};
        for (int r = 0; r < Rows; ++r) {
          for (int v = 0; v < Columns; ++v) sum[r][v] = V::larger(sum[r][v], zero);  // keeps NaN
          finish(row + r, column, sum[r]);
        }
      });
}

template <typename T, int Bytes>
void layer(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
           std::int64_t x_stride, const T* w, const T* bias, T* y) {
  using V = Vectors<T, Bytes>;
  relu_layer<T, Bytes>(
      rows, inputs, columns, x, x_stride, w, bias,
      [&]<int Columns>(std::int64_t row, std::int64_t column,
                       const typename V::Real(&values)[Columns]) __attribute__((always_inline)) {
        for (int v = 0; v < Columns; ++v) {
          V::store(y + row * columns + column + v * V::kLanes, values[v]);
        }
      });
}

template <typename T, int Bytes>
void layer_and_sum(std::int64_t rows, std::int64_t inputs, std::int64_t columns, const T* x,
                   std::int64_t x_stride, const T* w, const T* bias, const T* last, T* y) {
  using V = Vectors<T, Bytes>;
  for (std::int64_t row = 0; row < rows; ++row) y[row] = 0;
  relu_layer<T, Bytes>(
      rows, inputs, columns, x, x_stride, w, bias,
      [&]<int Columns>(std::int64_t row, std::int64_t column,
                       const typename V::Real(&values)[Columns]) __attribute__((always_inline)) {
        typename V::Real total{};
        for (int v = 0; v < Columns; ++v) {
          total = V::add_product(total, values[v], V::load(last + column + v * V::kLanes));
        }
        y[row] += V::sum(total);
      });
}

}  // namespace
}  // namespace explainn::kernels
