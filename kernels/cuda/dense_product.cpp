#include "kernels/cuda/dense_product.h"

#include "kernels/cuda/product.h"

namespace explainn::kernels::cuda {

template <typename T>
void dense_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const T> a,
                   Layout layout_a, Matrix<const T> b, Layout layout_b, Matrix<T> c, Write write) {
  if constexpr (kCublasBuild) {
    cublas_product(m, n, k, a, layout_a, b, layout_b, c, write);
  } else {
    const Matrices<const T> left{a.data, a.stride, 1};
    const Matrices<const T> right{b.data, b.stride, 1};
    product<T>(
        {.count = 1, .m = m, .n = n, .k = k}, layout_a == Layout::plain ? left : left.transposed(),
        layout_b == Layout::plain ? right : right.transposed(), {c.data, c.stride, 1}, write);
  }
}

template void dense_product(std::int64_t, std::int64_t, std::int64_t, Matrix<const float>, Layout,
                            Matrix<const float>, Layout, Matrix<float>, Write);
template void dense_product(std::int64_t, std::int64_t, std::int64_t, Matrix<const double>, Layout,
                            Matrix<const double>, Layout, Matrix<double>, Write);

}  // namespace explainn::kernels::cuda
