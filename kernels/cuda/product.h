// Products of many small matrices.
#pragma once

#include <cstdint>

#include "kernels/base/gemm.h"

namespace explainn::kernels::cuda {

/// Matrices on a GPU: element (r, c) of the i-th one at data[i * next + r * row + c * column].
template <typename T>
struct Matrices {
  T* data;
  std::int64_t row, column;
  std::int64_t next = 0;

  Matrices<T> transposed() const { return {data, column, row, next}; }
};

struct ProductSizes {
  std::int64_t count;    ///< of products
  std::int64_t m, n, k;  ///< [m, n] = [m, k] [k, n]
};

/// C = or += A B for each of `count` matrices. Terms are added in the order of k, so a row's bits
/// depend on that row alone.
template <typename T>
void product(const ProductSizes& p, Matrices<const T> a, Matrices<const T> b, Matrices<T> c,
             Write write);

}  // namespace explainn::kernels::cuda
