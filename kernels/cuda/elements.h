// Kernels with a thread for each element.
#pragma once

#include <cstdint>

#include "kernels/cuda/device_code.h"
#include "kernels/cuda/launch.h"

namespace explainn::cuda {

/// Launches at least `size` threads.
inline LaunchShape thread_each(std::int64_t size) {
  constexpr unsigned kThreads = 256;
  return {.grid = blocks_for(size, kThreads), .block = kThreads};
}

/// The element of this thread; may lie past the last one.
__device__ inline std::int64_t element() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

}  // namespace explainn::cuda
