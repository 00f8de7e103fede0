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

/// Sums over a block of several numbers of each thread, in every thread, in place. `of_warps`
/// [kCount][32]: shared memory that no one else uses until the next barrier after this call. All
/// threads must come here.
template <int kCount>
__device__ inline void block_sums(double (&values)[kCount], double* of_warps) {
  for (double& value : values) value = warp_sum(value);
  __syncthreads();
  if (threadIdx.x % 32 == 0) {
    for (int i = 0; i < kCount; ++i) of_warps[i * 32 + threadIdx.x / 32] = values[i];
  }
  __syncthreads();
  for (int i = 0; i < kCount; ++i) {
    values[i] = 0;
    for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) values[i] += of_warps[i * 32 + warp];
  }
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
