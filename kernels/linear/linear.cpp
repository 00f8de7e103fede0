#include "kernels/linear/linear.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void linear_forward(Device device, const LinearParams& p, const T* x, const T* w, const T* bias,
                    T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::linear_forward(p, x, w, bias, y);
  }
  linear_forward(p, x, w, bias, y);
}

template <typename T>
void linear_backward(Device device, const LinearParams& p, const T* x, const T* w, const T* dy,
                     Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::linear_backward(p, x, w, dy, dx, dw, dbias);
  }
  linear_backward(p, x, w, dy, dx, dw, dbias);
}

template void linear_forward(Device, const LinearParams&, const float*, const float*, const float*,
                             float*);
template void linear_forward(Device, const LinearParams&, const double*, const double*,
                             const double*, double*);
template void linear_backward(Device, const LinearParams&, const float*, const float*, const float*,
                              Gradient<float>, Gradient<float>, Gradient<float>);
template void linear_backward(Device, const LinearParams&, const double*, const double*,
                              const double*, Gradient<double>, Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
