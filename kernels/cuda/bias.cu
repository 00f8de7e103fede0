#include "kernels/cuda/bias.h"

#include "kernels/cuda/elements.h"
#include "kernels/cuda/reduce.h"

namespace explainn::kernels::cuda {
namespace {

template <typename T>
__global__ void add_to_channels(std::int64_t size, std::int64_t channels, std::int64_t inner,
                                const T* bias, T* y) {
  const std::int64_t i = explainn::cuda::element();
  if (i < size) y[i] += bias[i / inner % channels];
}

// A block a channel.
template <typename T>
__global__ void sum_channel(std::int64_t batch, std::int64_t channels, std::int64_t inner,
                            const T* values, Gradient<T> sums) {
  const std::int64_t c = blockIdx.x;
  double sum = 0;
  for (std::int64_t i = threadIdx.x; i < batch * inner; i += blockDim.x) {
    sum += values[(i / inner * channels + c) * inner + i % inner];
  }
  sum = explainn::cuda::block_sum(sum);
  if (threadIdx.x == 0) sums.put(c, static_cast<T>(sum));
}

}  // namespace

template <typename T>
void add_bias(std::int64_t batch, std::int64_t channels, std::int64_t inner, const T* bias, T* y) {
  if (bias == nullptr) return;
  const std::int64_t size = batch * channels * inner;
  explainn::cuda::launch(add_to_channels<T>, explainn::cuda::thread_each(size), size, channels,
                         inner, bias, y);
}

template <typename T>
void bias_gradient(std::int64_t batch, std::int64_t channels, std::int64_t inner, const T* values,
                   Gradient<T> sums) {
  if (!sums) return;
  explainn::cuda::launch(sum_channel<T>,
                         {.grid = explainn::cuda::blocks_for(channels, 1),
                          .block = explainn::cuda::threads_for(batch * inner)},
                         batch, channels, inner, values, sums);
}

template void add_bias(std::int64_t, std::int64_t, std::int64_t, const float*, float*);
template void add_bias(std::int64_t, std::int64_t, std::int64_t, const double*, double*);
template void bias_gradient(std::int64_t, std::int64_t, std::int64_t, const float*,
                            Gradient<float>);
template void bias_gradient(std::int64_t, std::int64_t, std::int64_t, const double*,
                            Gradient<double>);

}  // namespace explainn::kernels::cuda
