// A barrier for all blocks of a cooperative launch, cheaper than the general one: one counter that
// only grows.
#pragma once

#include "kernels/cuda/device_code.h"

namespace explainn::cuda {

/// One object a thread. All threads of all blocks come to each arrive() and wait().
class GridBarrier {
 public:
  /// `arrived` is 0 at the launch, and used by this barrier alone.
  __device__ explicit GridBarrier(unsigned* arrived) : arrived_(arrived) {}

  /// What any thread wrote before arrive() is seen by all threads after their wait(). Both order
  /// shared memory too.
  __device__ void arrive() {
    awaited_ += gridDim.x;
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      atomicAdd(arrived_, 1U);
    }
  }
  __device__ void wait() {
    if (threadIdx.x == 0) {
      // The counter may pass 2^32; the distance tells who is ahead.
      while (static_cast<int>(watched(arrived_) - awaited_) < 0) {
      }
      __threadfence();
    }
    __syncthreads();
  }

 private:
  unsigned* arrived_;
  unsigned awaited_ = 0;
};

}  // namespace explainn::cuda
