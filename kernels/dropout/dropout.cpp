#include "kernels/dropout/dropout.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

void dropout_mask(Device device, const DropoutParams& p, std::int64_t size, std::uint8_t* kept) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::dropout_mask(p, size, kept);
  }
  dropout_mask(p, size, kept);
}

template <typename T>
void dropout_apply(Device device, std::int64_t size, double scale, const std::uint8_t* kept,
                   const T* x, Gradient<T> y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::dropout_apply(size, scale, kept, x, y);
  }
  dropout_apply(size, scale, kept, x, y);
}

template void dropout_apply(Device, std::int64_t, double, const std::uint8_t*, const float*,
                            Gradient<float>);
template void dropout_apply(Device, std::int64_t, double, const std::uint8_t*, const double*,
                            Gradient<double>);

}  // namespace explainn::kernels
