// Sums over warps and blocks, whose order follows from the number of threads alone.
#pragma once

#include <cstdint>

#include "kernels/cuda/device_code.h"

namespace explainn::cuda {

inline constexpr unsigned kFullWarp = 0xFFFFFFFFU;

/// The sum over the lanes of a full warp; every lane gets it.
template <typename T>
__device__ T warp_sum(T value) {
  for (int lanes = 16; lanes > 0; lanes /= 2) value += __shfl_xor_sync(kFullWarp, value, lanes);
  return value;
}

template <typename T>
__device__ T warp_max(T value) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    const T other = __shfl_xor_sync(kFullWarp, value, lanes);
    value = other > value ? other : value;
  }
  return value;
}

/// The sum over a block of one axis (a multiple of 32 threads); every thread gets it. All threads
/// of the block call it.
template <typename T>
__device__ T block_sum(T value) {
  SHARED(T, of_warp, [32]);
  value = warp_sum(value);
  __syncthreads();  // an earlier call's sums may still be read
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = value;
  __syncthreads();
  T total = 0;
  for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) total += of_warp[warp];
  return total;
}

/// Threads for a block that walks `count` values: up to 256.
inline unsigned threads_for(std::int64_t count) {
  return count >= 256 ? 256U : static_cast<unsigned>((count + 31) / 32 * 32);
}

}  // namespace explainn::cuda
