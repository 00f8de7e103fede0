// The one dense product of the CPU kernels, and the word that says whether a result replaces or
// adds.
#pragma once

#include <cstdint>

namespace explainn::kernels {

/// What happens to what a destination held before.
enum class Write { overwrite, accumulate };

enum class Layout { plain, transposed };

/// A row-major matrix in memory: element (r, c) at data[r * stride + c].
template <typename T>
struct Matrix {
  T* data;
  std::int64_t stride;
};

/// C [m, n] = or += op(A) op(B), where op(A) is [m, k] and op(B) is [k, n]; `transposed` means that
/// the matrix lies in memory as [k, m] (A) or [n, k] (B). One thread; the same bits on every
/// x86-64.
template <typename T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const T> a, Layout layout_a,
          Matrix<const T> b, Layout layout_b, Matrix<T> c, Write write);

}  // namespace explainn::kernels
