// One step of the tensor cores: products of bfloat16, sums in float.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/device_code.h"

#ifdef EXPLAINN_SIMT
#include "simt/tensor_core.h"
#endif

namespace explainn::cuda {

/// d [16, 8] += a [16, 16] b [16, 8] by all 32 lanes of a warp, which hold the matrices together.
/// With g = lane / 4 and c = 2 (lane % 4), a lane holds
///   d: (g, c), (g, c + 1), (g + 8, c), (g + 8, c + 1);
///   a: pairs at (g, c), (g + 8, c), (g, c + 8), (g + 8, c + 8), of columns c and c + 1;
///   b: pairs at (c, g), (c + 8, g), of rows c and c + 1.
/// A pair is two bfloat16, the first in the lower half. The order of a sum's 17 terms is the
/// machine's own. (PTX: mma.sync.aligned.m16n8k16, compute capability 8.0 and later.)
__device__ inline void mma_16x8x16(float (&d)[4], const std::uint32_t (&a)[4],
                                   const std::uint32_t (&b)[2]) {
#ifdef EXPLAINN_SIMT
  simt::TensorCoreSlot slot{d, a, b};
  simt::warp_exchange(~0U, &slot, simt::multiply_16x8x16, std::source_location::current());
#else
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

}  // namespace explainn::cuda
