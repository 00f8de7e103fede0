#include "kernels/loss/loss.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
LossSum loss_and_gradient(Device device, const LossParams& p, const T* output, const T* labels,
                          T* gradient) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::loss_and_gradient(p, output, labels, gradient);
  }
  return loss_and_gradient(p, output, labels, gradient);
}

template LossSum loss_and_gradient(Device, const LossParams&, const float*, const float*, float*);
template LossSum loss_and_gradient(Device, const LossParams&, const double*, const double*,
                                   double*);

}  // namespace explainn::kernels
