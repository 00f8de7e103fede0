#include "kernels/unit_linear/unit_linear.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void unit_linear_forward(Device device, const UnitLinearParams& p, const T* x, const T* w,
                         const T* bias, T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::unit_linear_forward(p, x, w, bias, y);
  }
  unit_linear_forward(p, x, w, bias, y);
}

template <typename T>
void unit_linear_backward(Device device, const UnitLinearParams& p, const T* x, const T* w,
                          const T* dy, Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::unit_linear_backward(p, x, w, dy, dx, dw, dbias);
  }
  unit_linear_backward(p, x, w, dy, dx, dw, dbias);
}

template void unit_linear_forward(Device, const UnitLinearParams&, const float*, const float*,
                                  const float*, float*);
template void unit_linear_forward(Device, const UnitLinearParams&, const double*, const double*,
                                  const double*, double*);
template void unit_linear_backward(Device, const UnitLinearParams&, const float*, const float*,
                                   const float*, Gradient<float>, Gradient<float>, Gradient<float>);
template void unit_linear_backward(Device, const UnitLinearParams&, const double*, const double*,
                                   const double*, Gradient<double>, Gradient<double>,
                                   Gradient<double>);

}  // namespace explainn::kernels
