// The hidden layer of the mask path. Included by loops_source.h alone.
#pragma once

#include <cstring>

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/tiles_source.h"

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
  add_products<T, Bytes>({p.inputs, p.x + row * p.x_row, p.x_row, 1, p.w + column, p.columns}, sum);
  unrolled<Rows>([&](auto r) __attribute__((always_inline)) {
    T* const partial = p.scratch + (row + r) * kRowPadding;
    const std::uint8_t* const kept = p.kept + (row + r) * (p.columns / 8) + column / 8;
    std::uint8_t* const bits = p.bits + column / 8 * p.bits_row + row + r;
    typename V::Real total = column == 0 ? typename V::Real{} : V::load(partial);
    // By as many vectors as share a byte, or by as many bytes as a vector has.
    unrolled<Columns / kVectors>([&](auto group) __attribute__((always_inline)) {
      constexpr int v = group * kVectors;
      unsigned open = 0;
      std::memcpy(&open, kept + v * V::kLanes / 8, kBytes);  // little-endian
      for (int i = 0; i < kVectors; ++i) {
        const unsigned here = V::positive(sum[r][v + i], open >> (i * V::kLanes));
        total =
            V::add_kept(total, here, sum[r][v + i], V::load(p.last + column + (v + i) * V::kLanes));
        if constexpr (kVectors > 1) {
          constexpr unsigned kMask = (1U << V::kLanes) - 1;
          open = (open & ~(kMask << (i * V::kLanes))) | here << (i * V::kLanes);
        } else {
          open = here;
        }
      }
      for (int byte = 0; byte < kBytes; ++byte) {
        bits[(v * V::kLanes / 8 + byte) * p.bits_row] =
            static_cast<std::uint8_t>(open >> (8 * byte));
      }
    });
    V::store(partial, total);
  });
}

template <typename T, int Bytes>
void gated_layer(const GatedLayerParams<T>& p) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const auto at = [&]<int Rows, int Columns>(std::int64_t row, std::int64_t column,
                                             TileSize<Rows, Columns>)
      __attribute__((always_inline)) {
    gated_tile<T, Bytes, Rows, Columns>(p, row, column);
  };
  if constexpr (kLanes >= 8) {
    all_tiles<T, Bytes>(p.rows, p.columns, at);
  } else {
    constexpr int kColumns = 8 / kLanes;
    for (std::int64_t column = 0; column < p.columns; column += 8) {
      tiles_of_columns<12 / kColumns, kColumns>(p.rows, column, at);
    }
  }
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const T* const partial = p.scratch + row * kRowPadding;
    p.sums[row] = Vectors<T, Bytes>::sum(Vectors<T, Bytes>::load(partial));
  }
}

}  // namespace
}  // namespace explainn::kernels
