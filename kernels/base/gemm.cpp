#include "kernels/base/gemm.h"

#include <Eigen/Core>

namespace explainn::kernels {
namespace {

// Eigen cuts a product by the cache sizes it finds, which would make the order of a sum depend on
// the machine. These are the sizes of a small current core.
[[maybe_unused]] const bool g_fixed_blocking = [] {
  Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 8 << 20);
  return true;
}();

template <typename T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T>
using View = Eigen::Map<T, Eigen::Unaligned, Eigen::OuterStride<>>;

template <typename A, typename B, typename C>
void multiply(const A& a, const B& b, C& c, Write write) {
  if (write == Write::overwrite) {
    c.noalias() = a * b;
  } else {
    c.noalias() += a * b;
  }
}

}  // namespace

template <typename T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const T> a, Layout layout_a,
          Matrix<const T> b, Layout layout_b, Matrix<T> c, Write write) {
  const bool ta = layout_a == Layout::transposed;
  const bool tb = layout_b == Layout::transposed;
  const View<const Dense<T>> A(a.data, ta ? k : m, ta ? m : k, Eigen::OuterStride<>(a.stride));
  const View<const Dense<T>> B(b.data, tb ? n : k, tb ? k : n, Eigen::OuterStride<>(b.stride));
  View<Dense<T>> C(c.data, m, n, Eigen::OuterStride<>(c.stride));
  if (ta && tb) {
    multiply(A.transpose(), B.transpose(), C, write);
  } else if (ta) {
    multiply(A.transpose(), B, C, write);
  } else if (tb) {
    multiply(A, B.transpose(), C, write);
  } else {
    multiply(A, B, C, write);
  }
}

template void gemm<float>(std::int64_t, std::int64_t, std::int64_t, Matrix<const float>, Layout,
                          Matrix<const float>, Layout, Matrix<float>, Write);
template void gemm<double>(std::int64_t, std::int64_t, std::int64_t, Matrix<const double>, Layout,
                           Matrix<const double>, Layout, Matrix<double>, Write);

}  // namespace explainn::kernels
