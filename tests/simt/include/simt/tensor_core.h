// The tensor-core step of kernels/cuda/tensor_core.h in the simulation.
#pragma once

#include <cstdint>

#include "simt/warp.h"

namespace explainn::simt {

struct TensorCoreSlot {
  float* d;
  const std::uint32_t* a;
  const std::uint32_t* b;
};

/// Slots are TensorCoreSlots of all 32 lanes. Sums in double, rounded once.
void multiply_16x8x16(void* const (&slots)[32]);

}  // namespace explainn::simt
