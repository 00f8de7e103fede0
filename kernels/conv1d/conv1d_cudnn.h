// Dense convolutions by cuDNN.
#pragma once

#include "kernels/conv1d/conv1d.h"

namespace explainn::kernels::cuda {

#ifdef EXPLAINN_CUDNN
inline constexpr bool kCudnnBuild = true;
#else
inline constexpr bool kCudnnBuild = false;
#endif

// As their namesakes without the bias, in full float precision and with the same bits in every run
// (kCudnnBuild only). False, with nothing done, where the convolution is grouped or cuDNN does not
// offer that.
bool cudnn_forward(const Conv1dParams& p, const float* x, const float* w, float* y);
bool cudnn_backward_input(const Conv1dParams& p, const float* w, const float* dy,
                          Gradient<float> dx);
bool cudnn_backward_weight(const Conv1dParams& p, const float* x, const float* dy,
                           Gradient<float> dw);

}  // namespace explainn::kernels::cuda
