// The hidden layer of the mask path. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// Columns vectors cover a whole number of octets of nodes, since bits are stored by the byte.
template <typename T, int Bytes, int Rows, int Columns>
[[gnu::always_inline]] inline void gated_tile(const GatedLayerParams<T>& p, std::int64_t row,
                                              std::int64_t column) {
  using V = Vectors<T, Bytes>;
  constexpr int kVectors = V::kLanes < 8 ? 8 / V::kLanes : 1;  // that share a byte
  constexpr int kBytes = V::kLanes < 8 ? 1 : V::kLanes / 8;    // of one vector
  static_assert(Columns % kVectors == 0);
  typename V::Real sum[Rows][Columns];
  for (int v = 0; v < Columns; ++v) {
    const typename V::Real start = V::load(p.start + column + v * V::kLanes);
    for (int r = 0; r < Rows; ++r) sum[r][v] = start;
  }
  const T* const x = p.x + row * p.x_row;
  for (std::int64_t i = 0; i < p.inputs; ++i) {
    typename V::Real weight[Columns];
    for (int v = 0; v < Columns; ++v) {
      weight[v] = V::load(p.w + i * p.columns + column + v * V::kLanes);
    }
    for (int r = 0; r < Rows; ++r) {
      const T one = x[r * p.x_row + i];
      for (int v = 0; v < Columns; ++v) sum[r][v] += one * weight[v];
    }
  }
  for (int r = 0; r < Rows; ++r) {
    T* const partial = p.scratch + (row + r) * kRowPadding;
    typename V::Real total = column == 0 ? typename V::Real{} : V::load(partial);
    for (int v = 0; v < Columns; v += kVectors) {
      const std::int64_t octet = (column + v * V::kLanes) / 8;
      const std::uint8_t* const kept = p.kept + (row + r) * (p.columns / 8) + octet;
      unsigned open = 0;
      for (int i = 0; i < kVectors; ++i) open |= V::positive(sum[r][v + i]) << (i * V::kLanes);
      for (int byte = 0; byte < kBytes; ++byte) {
        const unsigned here = (open >> (8 * byte)) & kept[byte];
        p.bits[(octet + byte) * p.bits_row + row + r] = static_cast<std::uint8_t>(here);
        open &= ~(0xFFU << (8 * byte)) | here << (8 * byte);
      }
      for (int i = 0; i < kVectors; ++i) {
        total += V::keep(open >> (i * V::kLanes), sum[r][v + i]) *
                 V::load(p.last + column + (v + i) * V::kLanes);
      }
    }
    V::store(partial, total);
  }
}

template <typename T, int Bytes, int Rows, int Columns>
void gated_columns(const GatedLayerParams<T>& p, std::int64_t row, std::int64_t column) {
  for (; row + Rows <= p.rows; row += Rows) gated_tile<T, Bytes, Rows, Columns>(p, row, column);
  if constexpr (Rows > 1) {
    if (row < p.rows) gated_columns<T, Bytes, Rows / 2, Columns>(p, row, column);
  }
}

template <typename T, int Bytes>
void gated_layer(const GatedLayerParams<T>& p) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const std::int64_t vectors = p.columns / kLanes;
  std::int64_t v = 0;
  if constexpr (kLanes >= 8 && Bytes == 64) {
    for (; vectors - v == 3 || vectors - v == 7; v += 3) {
      gated_columns<T, Bytes, 8, 3>(p, 0, v * kLanes);
    }
    for (; vectors - v >= 4; v += 4) gated_columns<T, Bytes, 6, 4>(p, 0, v * kLanes);
    for (; vectors - v >= 1; v += 1) gated_columns<T, Bytes, 12, 1>(p, 0, v * kLanes);
  } else if constexpr (kLanes >= 8) {
    for (; vectors - v == 3 || vectors - v > 4; v += 3) {
      gated_columns<T, Bytes, 4, 3>(p, 0, v * kLanes);
    }
    for (; vectors - v >= 2; v += 2) gated_columns<T, Bytes, 6, 2>(p, 0, v * kLanes);
    for (; vectors - v >= 1; v += 1) gated_columns<T, Bytes, 8, 1>(p, 0, v * kLanes);
  } else {
    constexpr int kColumns = 8 / kLanes;
    for (; v < vectors; v += kColumns) {
      gated_columns<T, Bytes, 12 / kColumns, kColumns>(p, 0, v * kLanes);
    }
  }
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const T* const partial = p.scratch + row * kRowPadding;
    T sum = 0;
    for (int lane = 0; lane < kLanes; ++lane) sum += partial[lane];
    p.sums[row] = sum;
  }
}

}  // namespace
}  // namespace explainn::kernels
