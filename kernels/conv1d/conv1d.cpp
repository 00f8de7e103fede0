#include "kernels/conv1d/conv1d.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename T>
void conv1d_forward(Device device, const Conv1dParams& p, const T* x, const T* w, const T* bias,
                    T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::conv1d_forward(p, x, w, bias, y);
  }
  conv1d_forward(p, x, w, bias, y);
}

template <typename T>
void conv1d_backward_input(Device device, const Conv1dParams& p, const T* w, const T* dy,
                           Gradient<T> dx) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::conv1d_backward_input(p, w, dy, dx);
  }
  conv1d_backward_input(p, w, dy, dx);
}

template <typename T>
void conv1d_backward_weight(Device device, const Conv1dParams& p, const T* x, const T* dy,
                            Gradient<T> dw, Gradient<T> dbias) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::conv1d_backward_weight(p, x, dy, dw, dbias);
  }
  conv1d_backward_weight(p, x, dy, dw, dbias);
}

template void conv1d_forward(Device, const Conv1dParams&, const float*, const float*, const float*,
                             float*);
template void conv1d_forward(Device, const Conv1dParams&, const double*, const double*,
                             const double*, double*);
template void conv1d_backward_input(Device, const Conv1dParams&, const float*, const float*,
                                    Gradient<float>);
template void conv1d_backward_input(Device, const Conv1dParams&, const double*, const double*,
                                    Gradient<double>);
template void conv1d_backward_weight(Device, const Conv1dParams&, const float*, const float*,
                                     Gradient<float>, Gradient<float>);
template void conv1d_backward_weight(Device, const Conv1dParams&, const double*, const double*,
                                     Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
