#include "kernels/elementwise/elementwise.h"

#include "kernels/dispatch.h"

namespace explainn::kernels {

template <typename Function, typename T>
void map_forward(Device device, std::int64_t size, const T* x, T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::map_forward<Function>(size, x, y);
  }
  map_forward<Function>(size, x, y);
}

template <typename Function, typename T>
void map_backward(Device device, std::int64_t size, const T* y, const T* dy, Gradient<T> dx) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::map_backward<Function>(size, y, dy, dx);
  }
  map_backward<Function>(size, y, dy, dx);
}

template <typename T>
void softmax_forward(Device device, const SoftmaxParams& p, const T* x, T* y) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::softmax_forward(p, x, y);
  }
  softmax_forward(p, x, y);
}

template <typename T>
void softmax_backward(Device device, const SoftmaxParams& p, const T* y, const T* dy,
                      Gradient<T> dx) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::softmax_backward(p, y, dy, dx);
  }
  softmax_backward(p, y, dy, dx);
}

template <typename T>
void scale_into(Device device, std::int64_t size, T factor, const T* in, Gradient<T> out) {
  if (on_gpu(device)) {
    if constexpr (kCudaBuild) return cuda::scale_into(size, factor, in, out);
  }
  scale_into(size, factor, in, out);
}

template void map_forward<Exp>(Device, std::int64_t, const float*, float*);
template void map_forward<Exp>(Device, std::int64_t, const double*, double*);
template void map_forward<Relu>(Device, std::int64_t, const float*, float*);
template void map_forward<Relu>(Device, std::int64_t, const double*, double*);
template void map_forward<Sigmoid>(Device, std::int64_t, const float*, float*);
template void map_forward<Sigmoid>(Device, std::int64_t, const double*, double*);
template void map_backward<Exp>(Device, std::int64_t, const float*, const float*, Gradient<float>);
template void map_backward<Exp>(Device, std::int64_t, const double*, const double*,
                                Gradient<double>);
template void map_backward<Relu>(Device, std::int64_t, const float*, const float*, Gradient<float>);
template void map_backward<Relu>(Device, std::int64_t, const double*, const double*,
                                 Gradient<double>);
template void map_backward<Sigmoid>(Device, std::int64_t, const float*, const float*,
                                    Gradient<float>);
template void map_backward<Sigmoid>(Device, std::int64_t, const double*, const double*,
                                    Gradient<double>);
template void softmax_forward(Device, const SoftmaxParams&, const float*, float*);
template void softmax_forward(Device, const SoftmaxParams&, const double*, double*);
template void softmax_backward(Device, const SoftmaxParams&, const float*, const float*,
                               Gradient<float>);
template void softmax_backward(Device, const SoftmaxParams&, const double*, const double*,
                               Gradient<double>);
template void scale_into(Device, std::int64_t, float, const float*, Gradient<float>);
template void scale_into(Device, std::int64_t, double, const double*, Gradient<double>);

}  // namespace explainn::kernels
