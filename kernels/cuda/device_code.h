// What every kernel includes after <cuda_runtime.h>: shared memory. The one place where device code
// asks who compiles it, nvcc or the tests' simulation of a device (tests/simt).
//
// Rules for a kernel, so that the simulation can run it: no raw __shared__, no #ifdef
// __CUDA_ARCH__; block sizes are multiples of 32; no return before a barrier or a full-mask warp
// operation; masks explicit; all lanes reach a barrier or shuffle by the same source line;
// __syncwarp() between writing and reading shared memory within a warp; no local with a destructor
// across a barrier; waiting for another block only in cooperative launches; fmaf where rounding
// matters (nvcc contracts, g++ does not).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#ifdef __CUDACC__
/// Before a template for both sides some of whose arguments serve one side only.
#define EITHER_SIDE _Pragma("nv_exec_check_disable")
#else
#define EITHER_SIDE
#endif

#ifdef EXPLAINN_SIMT
#include "simt/shared_memory.h"  // SHARED, DynamicShared and watched() of the simulation
#else

/// A shared array: SHARED(float, tile, [32][33]).
#define SHARED(type, name, extents) __shared__ type name extents

namespace explainn::cuda {

/// A piece of dynamic shared memory. Kept as an offset: a pointer that is stored somewhere may lose
/// for the compiler that it points to shared memory, and every access becomes a general one.
template <typename T>
class SharedPiece {
 public:
  SharedPiece() = default;
  __device__ explicit SharedPiece(unsigned offset) : offset_(offset) {}

  __device__ operator T*() const {
    extern __shared__ unsigned char explainn_dynamic_shared[];
    return reinterpret_cast<T*>(explainn_dynamic_shared + offset_);
  }

 private:
  unsigned offset_;
};

/// The launch's dynamic shared memory, handed out piece by piece. All threads of a block take the
/// same pieces in the same order. One object a kernel.
class DynamicShared {
 public:
  /// `count` elements, aligned to 16 bytes, uninitialised.
  template <typename T>
  __device__ SharedPiece<T> take(std::int64_t count) {
    const SharedPiece<T> piece(used_);
    used_ += (static_cast<unsigned>(count) * static_cast<unsigned>(sizeof(T)) + 15U) / 16U * 16U;
    return piece;
  }

 private:
  unsigned used_ = 0;
};

/// What is at `address` now, for waiting until another block has changed it.
__device__ inline unsigned watched(unsigned* address) {
  return *static_cast<volatile unsigned*>(address);
}

}  // namespace explainn::cuda

#endif
