// The dense product of the CUDA kernels: cuBLAS where the build has it, else kernels of our own.
#pragma once

#include <cstdint>

#include "kernels/base/gemm.h"

namespace explainn::kernels::cuda {

#ifdef EXPLAINN_CUBLAS
inline constexpr bool kCublasBuild = true;
#else
inline constexpr bool kCublasBuild = false;
#endif

/// C [m, n] = or += op(A) op(B), as kernels::gemm, in full precision of T. The same bits in every
/// run on one kind of GPU; a row's bits may depend on the number of rows.
template <typename T>
void dense_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const T> a,
                   Layout layout_a, Matrix<const T> b, Layout layout_b, Matrix<T> c, Write write);

/// The same by cuBLAS (kCublasBuild only).
void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const float> a,
                    Layout layout_a, Matrix<const float> b, Layout layout_b, Matrix<float> c,
                    Write write);
void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const double> a,
                    Layout layout_a, Matrix<const double> b, Layout layout_b, Matrix<double> c,
                    Write write);

}  // namespace explainn::kernels::cuda
