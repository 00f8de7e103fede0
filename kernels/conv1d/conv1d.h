// One-dimensional convolution (cross-correlation, stride 1, no padding), dense or grouped.
#pragma once

#include <cstdint>

#include "kernels/base/gradient.h"
#include "kernels/device.h"

namespace explainn::kernels {

struct Conv1dParams {
  std::int64_t batch;         ///< B
  std::int64_t in_channels;   ///< C, a multiple of groups
  std::int64_t length;        ///< L >= width
  std::int64_t out_channels;  ///< O, a multiple of groups
  std::int64_t width;         ///< K >= 1
  std::int64_t groups = 1;    ///< group g maps channels [g C/G, (g+1) C/G) to [g O/G, (g+1) O/G)

  constexpr std::int64_t positions() const { return length - width + 1; }  ///< n
  constexpr std::int64_t group_in() const { return in_channels / groups; }
  constexpr std::int64_t group_out() const { return out_channels / groups; }
};

/// y [B, O, n] = x [B, C, L] * w [O, C/G, K] + bias [O] (null: no bias). Overwrites y.
template <typename T>
void conv1d_forward(const Conv1dParams& p, const T* x, const T* w, const T* bias, T* y);

/// dx [B, C, L] from dy [B, O, n].
template <typename T>
void conv1d_backward_input(const Conv1dParams& p, const T* w, const T* dy, Gradient<T> dx);

/// dw [O, C/G, K] and dbias [O], sums over batch and positions in a fixed order.
template <typename T>
void conv1d_backward_weight(const Conv1dParams& p, const T* x, const T* dy, Gradient<T> dw,
                            Gradient<T> dbias);

// The same on `device`, where all memory must lie.
template <typename T>
void conv1d_forward(Device device, const Conv1dParams& p, const T* x, const T* w, const T* bias,
                    T* y);
template <typename T>
void conv1d_backward_input(Device device, const Conv1dParams& p, const T* w, const T* dy,
                           Gradient<T> dx);
template <typename T>
void conv1d_backward_weight(Device device, const Conv1dParams& p, const T* x, const T* dy,
                            Gradient<T> dw, Gradient<T> dbias);

// On the GPU in use.
namespace cuda {
template <typename T>
void conv1d_forward(const Conv1dParams& p, const T* x, const T* w, const T* bias, T* y);
template <typename T>
void conv1d_backward_input(const Conv1dParams& p, const T* w, const T* dy, Gradient<T> dx);
template <typename T>
void conv1d_backward_weight(const Conv1dParams& p, const T* x, const T* dy, Gradient<T> dw,
                            Gradient<T> dbias);
}  // namespace cuda

}  // namespace explainn::kernels
