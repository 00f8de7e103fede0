// The backward pass of the table convolution: the gradient of a filter is held in registers while
// the windows that won their pools pass by. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

template <typename T, int Bytes, int Count>
void window_sums_of(const WindowSumParams<T>& p, std::int64_t entry) {
  using V = Vectors<T, Bytes>;
  typename V::Real sum[Count] = {};
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const std::uint16_t* const one_hot = p.one_hot + row * p.length;
    for (std::int64_t q = row * p.value_row; q < row * p.value_row + p.pooled; ++q) {
      const typename V::Real value = typename V::Real{} + p.values[q];
      const std::uint16_t* const window = one_hot + p.places[q];
      for (int v = 0; v < Count; ++v) {
        const std::int64_t bit = entry + v * V::kLanes;
        sum[v] = V::add_kept(sum[v], static_cast<unsigned>(window[bit / 4]) >> (bit % 4), value);
      }
    }
  }
  for (int v = 0; v < Count; ++v) V::store(p.sums + entry + v * V::kLanes, sum[v]);
}

template <typename T, int Bytes, int Count>
void window_sums_from(const WindowSumParams<T>& p, std::int64_t entry) {
  constexpr int kLanes = Vectors<T, Bytes>::kLanes;
  const std::int64_t vectors = (4 * p.filter + kLanes - 1) / kLanes;
  for (; entry / kLanes + Count <= vectors; entry += Count * kLanes) {
    window_sums_of<T, Bytes, Count>(p, entry);
  }
  if constexpr (Count > 1) {
    if (entry / kLanes < vectors) window_sums_from<T, Bytes, Count / 2>(p, entry);
  }
}

template <typename T, int Bytes>
void window_sums(const WindowSumParams<T>& p) {
  window_sums_from<T, Bytes, 10>(p, 0);
}

}  // namespace
}  // namespace explainn::kernels
