#include "kernels/optimizer/optimizer.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void adam_update(Device device, const AdamParams& p, std::int64_t size, const T* gradient, T* m,
                 T* v, T* weight) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::adam_update(p, size, gradient, m, v, weight);
  }
  adam_update(p, size, gradient, m, v, weight);
}

template <typename T>
void sgd_update(Device device, const SgdParams& p, std::int64_t size, const T* gradient,
                T* velocity, T* weight) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::sgd_update(p, size, gradient, velocity, weight);
  }
  sgd_update(p, size, gradient, velocity, weight);
}

template void adam_update(Device, const AdamParams&, std::int64_t, const float*, float*, float*,
                          float*);
template void adam_update(Device, const AdamParams&, std::int64_t, const double*, double*, double*,
                          double*);
template void sgd_update(Device, const SgdParams&, std::int64_t, const float*, float*, float*);
template void sgd_update(Device, const SgdParams&, std::int64_t, const double*, double*, double*);

}  // namespace explainn::kernels
