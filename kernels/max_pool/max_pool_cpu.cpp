#include <algorithm>

#include "kernels/base/parallel.h"
#include "kernels/max_pool/max_pool.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsPerBlock = 64;

}  // namespace

template <typename T>
void max_pool_forward(const MaxPoolParams& p, const T* x, T* y, std::int32_t* index) {
  const std::int64_t pooled = p.pooled();
  parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const values = x + row * p.length;
      for (std::int64_t q = 0; q < pooled; ++q) {
        const std::int64_t first = q * p.stride;
        std::int64_t best = first;
        for (std::int64_t t = first + 1; t < first + p.width; ++t) {
          // Written so that a NaN, which compares false with everything, is taken and kept.
          if (!(values[t] <= values[best]) && values[best] == values[best]) best = t;
        }
        y[row * pooled + q] = values[best];
        if (index != nullptr) index[row * pooled + q] = static_cast<std::int32_t>(best);
      }
    }
  });
}

template <typename T>
void max_pool_backward(const MaxPoolParams& p, const std::int32_t* index, const T* dy,
                       Gradient<T> dx) {
  if (!dx) return;
  const std::int64_t pooled = p.pooled();
  parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    if (dx.write == Write::overwrite) {
      std::fill(dx.data + begin * p.length, dx.data + end * p.length, T{0});
    }
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t q = row * pooled; q < (row + 1) * pooled; ++q) {
        dx.data[row * p.length + index[q]] += dy[q];
      }
    }
  });
}

template void max_pool_forward(const MaxPoolParams&, const float*, float*, std::int32_t*);
template void max_pool_forward(const MaxPoolParams&, const double*, double*, std::int32_t*);
template void max_pool_backward(const MaxPoolParams&, const std::int32_t*, const float*,
                                Gradient<float>);
template void max_pool_backward(const MaxPoolParams&, const std::int32_t*, const double*,
                                Gradient<double>);

}  // namespace explainn::kernels
