#include <type_traits>

#include "kernels/conv1d/conv1d.h"
#include "kernels/conv1d/conv1d_cudnn.h"
#include "kernels/cuda/bias.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/reduce.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::blocks_for;
using explainn::cuda::launch;

constexpr int kPositions = 128;  // of a block, one a thread
constexpr int kWidth = 64;       // filter positions at a time
constexpr int kTaps = 8;         // filter positions of a block of the weights' gradient
constexpr int kSamples = 16;     // whose terms are added in T before the sum goes on in double

// out[b, g, r, t] = sum over q, k of w(g, r, q, k) in[b, g, q, t + k - pad]: what the result and
// the gradient of the input have in common. q and r number channels of a group, `in` is 0 outside.
struct Correlation {
  std::int64_t batch, groups;
  std::int64_t from, to;               // channels a group of in and out
  std::int64_t in_length, out_length;  // positions
  std::int64_t width, pad;
  std::int64_t w_first, w_group, w_to, w_from, w_k;  // steps from weight to weight

  std::int64_t tiles() const { return (out_length + kPositions - 1) / kPositions; }
};

Correlation of_forward(const Conv1dParams& p) {
  const std::int64_t depth = p.group_in() * p.width;
  return {.batch = p.batch,
          .groups = p.groups,
          .from = p.group_in(),
          .to = p.group_out(),
          .in_length = p.length,
          .out_length = p.positions(),
          .width = p.width,
          .pad = 0,
          .w_first = 0,
          .w_group = p.group_out() * depth,
          .w_to = depth,
          .w_from = p.width,
          .w_k = 1};
}

// dx[s] = sum over k of w[k] dy[s - k]: the filter runs backwards.
Correlation of_input_gradient(const Conv1dParams& p) {
  const std::int64_t depth = p.group_in() * p.width;
  return {.batch = p.batch,
          .groups = p.groups,
          .from = p.group_out(),
          .to = p.group_in(),
          .in_length = p.positions(),
          .out_length = p.length,
          .width = p.width,
          .pad = p.width - 1,
          .w_first = p.width - 1,
          .w_group = p.group_out() * depth,
          .w_to = p.width,
          .w_from = depth,
          .w_k = -1};
}

// A block: kPositions positions of kOutputs channels of one sample.
template <typename T, int kOutputs>
__global__ void correlate(Correlation c, const T* in, const T* w, const T* bias, Gradient<T> out) {
  SHARED(T, inputs, [kPositions + kWidth - 1]);
  SHARED(T, weights, [kWidth][kOutputs]);
  const std::int64_t tiles = (c.out_length + kPositions - 1) / kPositions;
  const std::int64_t channel_tiles = (c.to + kOutputs - 1) / kOutputs;
  const std::int64_t t0 = blockIdx.x % tiles * kPositions;
  const std::int64_t r0 = blockIdx.x / tiles % channel_tiles * kOutputs;
  const std::int64_t sample_group = blockIdx.x / tiles / channel_tiles;  // b G + g
  const std::int64_t g = sample_group % c.groups;
  const int thread = static_cast<int>(threadIdx.x);

  T sum[kOutputs] = {};
  for (std::int64_t q = 0; q < c.from; ++q) {
    const T* const row = in + (sample_group * c.from + q) * c.in_length;
    for (std::int64_t k0 = 0; k0 < c.width; k0 += kWidth) {
      const int taps = static_cast<int>(c.width - k0 < kWidth ? c.width - k0 : kWidth);
      __syncthreads();
      for (int i = thread; i < kPositions + taps - 1; i += kPositions) {
        const std::int64_t at = t0 + k0 + i - c.pad;
        inputs[i] = at >= 0 && at < c.in_length ? row[at] : T{0};
      }
      for (int i = thread; i < taps * kOutputs; i += kPositions) {
        const std::int64_t r = r0 + i % kOutputs;
        const std::int64_t k = k0 + i / kOutputs;
        weights[i / kOutputs][i % kOutputs] =
            r < c.to ? w[c.w_first + g * c.w_group + r * c.w_to + q * c.w_from + k * c.w_k] : T{0};
      }
      __syncthreads();
      for (int k = 0; k < taps; ++k) {
        const T value = inputs[thread + k];
        for (int j = 0; j < kOutputs; ++j) sum[j] += weights[k][j] * value;
      }
    }
  }
  const std::int64_t t = t0 + thread;
  for (int j = 0; j < kOutputs; ++j) {
    const std::int64_t r = r0 + j;
    if (t >= c.out_length || r >= c.to) continue;
    const T shift = bias == nullptr ? T{0} : bias[g * c.to + r];
    out.put((sample_group * c.to + r) * c.out_length + t, sum[j] + shift);
  }
}

template <typename T>
void run(const Correlation& c, const T* in, const T* w, const T* bias, Gradient<T> out) {
  constexpr int kMany = 8;
  const auto with = [&](auto kernel, std::int64_t outputs) {
    const std::int64_t blocks = c.batch * c.groups * ((c.to + outputs - 1) / outputs) * c.tiles();
    launch(kernel, {.grid = blocks_for(blocks, 1), .block = kPositions}, c, in, w, bias, out);
  };
  if (c.to == 1) return with(correlate<T, 1>, 1);
  with(correlate<T, kMany>, kMany);
}

// A block: kTaps weights of one pair of channels.
template <typename T>
__global__ void correlate_gradients(Conv1dParams p, const T* x, const T* dy, Gradient<T> dw) {
  const std::int64_t n = p.positions();
  const std::int64_t tap_tiles = (p.width + kTaps - 1) / kTaps;
  const std::int64_t k0 = blockIdx.x % tap_tiles * kTaps;
  const std::int64_t c = blockIdx.x / tap_tiles % p.group_in();
  const std::int64_t o = blockIdx.x / tap_tiles / p.group_in();
  const std::int64_t x_channel = o / p.group_out() * p.group_in() + c;

  double total[kTaps] = {};
  for (std::int64_t b0 = 0; b0 < p.batch; b0 += kSamples) {
    T sum[kTaps] = {};
    for (std::int64_t b = b0; b < b0 + kSamples && b < p.batch; ++b) {
      const T* const dy_row = dy + (b * p.out_channels + o) * n;
      const T* const x_row = x + (b * p.in_channels + x_channel) * p.length + k0;
      for (std::int64_t t = threadIdx.x; t < n; t += blockDim.x) {
        for (int j = 0; j < kTaps; ++j) {
          if (k0 + j < p.width) sum[j] += dy_row[t] * x_row[t + j];
        }
      }
    }
    for (int j = 0; j < kTaps; ++j) total[j] += sum[j];
  }
  for (int j = 0; j < kTaps; ++j) {
    const double sum = explainn::cuda::block_sum(total[j]);
    if (threadIdx.x == 0 && k0 + j < p.width) {
      dw.put((o * p.group_in() + c) * p.width + k0 + j, static_cast<T>(sum));
    }
  }
}

}  // namespace

template <typename T>
void conv1d_forward(const Conv1dParams& p, const T* x, const T* w, const T* bias, T* y) {
  if constexpr (kCudnnBuild && std::is_same_v<T, float>) {
    if (cudnn_forward(p, x, w, y)) {
      return add_bias(p.batch, p.out_channels, p.positions(), bias, y);
    }
  }
  run(of_forward(p), x, w, bias, Gradient<T>{y, Write::overwrite});
}

template <typename T>
void conv1d_backward_input(const Conv1dParams& p, const T* w, const T* dy, Gradient<T> dx) {
  if (!dx) return;
  if constexpr (kCudnnBuild && std::is_same_v<T, float>) {
    if (cudnn_backward_input(p, w, dy, dx)) return;
  }
  run<T>(of_input_gradient(p), dy, w, nullptr, dx);
}

template <typename T>
void conv1d_backward_weight(const Conv1dParams& p, const T* x, const T* dy, Gradient<T> dw,
                            Gradient<T> dbias) {
  bias_gradient(p.batch, p.out_channels, p.positions(), dy, dbias);
  if (!dw) return;
  if constexpr (kCudnnBuild && std::is_same_v<T, float>) {
    if (cudnn_backward_weight(p, x, dy, dw)) return;
  }
  const std::int64_t tap_tiles = (p.width + kTaps - 1) / kTaps;
  launch(correlate_gradients<T>,
         {.grid = blocks_for(p.out_channels * p.group_in() * tap_tiles, 1),
          .block = explainn::cuda::threads_for(p.positions())},
         p, x, dy, dw);
}

template void conv1d_forward(const Conv1dParams&, const float*, const float*, const float*, float*);
template void conv1d_forward(const Conv1dParams&, const double*, const double*, const double*,
                             double*);
template void conv1d_backward_input(const Conv1dParams&, const float*, const float*,
                                    Gradient<float>);
template void conv1d_backward_input(const Conv1dParams&, const double*, const double*,
                                    Gradient<double>);
template void conv1d_backward_weight(const Conv1dParams&, const float*, const float*,
                                     Gradient<float>, Gradient<float>);
template void conv1d_backward_weight(const Conv1dParams&, const double*, const double*,
                                     Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels::cuda
