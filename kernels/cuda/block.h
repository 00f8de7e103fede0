// Sums over the threads of a warp and a block, in a fixed order.
#pragma once

#include "kernels/cuda/device_code.h"

namespace explainn::cuda {

inline constexpr unsigned kFullWarp = 0xFFFFFFFFU;

/// The sum over a warp, in every lane.
template <typename T>
__device__ inline T warp_sum(T value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(kFullWarp, value, distance);
  }
  return value;
}

/// The sum over a block, in every thread. `of_warps` [32] is shared memory that no one else uses
/// until the next barrier after this call. All threads must come here.
__device__ inline double block_sum(double value, double* of_warps) {
  const double of_warp = warp_sum(value);
  __syncthreads();
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = of_warp;
  __syncthreads();
  double total = 0;
  for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) total += of_warps[warp];
  return total;
}

}  // namespace explainn::cuda
