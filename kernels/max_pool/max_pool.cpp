#include "kernels/max_pool/max_pool.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void max_pool_forward(Device device, const MaxPoolParams& p, const T* x, T* y,
                      std::int32_t* index) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::max_pool_forward(p, x, y, index);
  }
  max_pool_forward(p, x, y, index);
}

template <typename T>
void max_pool_backward(Device device, const MaxPoolParams& p, const std::int32_t* index,
                       const T* dy, Gradient<T> dx) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::max_pool_backward(p, index, dy, dx);
  }
  max_pool_backward(p, index, dy, dx);
}

template void max_pool_forward(Device, const MaxPoolParams&, const float*, float*, std::int32_t*);
template void max_pool_forward(Device, const MaxPoolParams&, const double*, double*, std::int32_t*);
template void max_pool_backward(Device, const MaxPoolParams&, const std::int32_t*, const float*,
                                Gradient<float>);
template void max_pool_backward(Device, const MaxPoolParams&, const std::int32_t*, const double*,
                                Gradient<double>);

}  // namespace explainn::kernels
