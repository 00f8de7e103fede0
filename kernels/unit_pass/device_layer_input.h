// Device code: what a layer behind the pool reads.
#pragma once

#include "kernels/unit_pass/device_nodes.h"

namespace explainn::kernels {

/// Pooled values without their centre, or the layer before through its norm, ReLU and dropout.
struct LayerInput {
  const float* x;       ///< pooled values, null for deeper layers
  const float* centre;  ///< taken from x
  const float* y;       ///< products of the layer before
  explainn::cuda::SharedPiece<NodeNorm> norms;
  Keeper keeper;
  int stride;

  __device__ float operator()(int row, int i) const {
    if (x != nullptr) return x[static_cast<std::int64_t>(row) * stride + i] - centre[i];
    const float z = normalised(norms[i], y[static_cast<std::int64_t>(row) * stride + i]);
    return z > 0 && keeper.keeps(row, i) ? keeper.raise * z : 0.0F;
  }
};

/// By one block; a barrier must follow. norms [kNodes]: shared memory.
__device__ inline LayerInput layer_input(const Step& step, int layer, std::int64_t unit,
                                         explainn::cuda::SharedPiece<NodeNorm> norms) {
  const StepSizes& sizes = step.sizes;
  if (layer == 0) {
    return {.x = step.memory.x + unit * sizes.rows * sizes.pooled_row,
            .centre = step.memory.centres + unit * sizes.pooled,
            .y = nullptr,
            .norms = norms,
            .keeper = {},
            .stride = sizes.pooled_row};
  }
  for (int i = static_cast<int>(threadIdx.x); i < kNodes; i += static_cast<int>(blockDim.x)) {
    norms[i] = node_norm(step, layer - 1, unit, i);
  }
  const std::int64_t of_unit = (layer - 1) * static_cast<std::int64_t>(sizes.units) + unit;
  return {.x = nullptr,
          .centre = nullptr,
          .y = step.memory.y + of_unit * sizes.rows * kNodes,
          .norms = norms,
          .keeper = Keeper::of(step, layer - 1, unit),
          .stride = kNodes};
}

}  // namespace explainn::kernels
