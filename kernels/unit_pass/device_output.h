// Device code: a unit's output behind v, the last linear map without its bias: batch norm and ReLU,
// and their way back. As on the CPU everything is computed in double.
#pragma once

#include "kernels/unit_pass/device_fold.h"

namespace explainn::kernels {

/// The batch norm of v as it is kept for the way back.
struct OutputNorm {
  double mean, inverse_s;
};

struct OutputParams {
  int rows;
  float gamma, beta;
};

__device__ inline double output_before_relu(const OutputParams& p, const OutputNorm& norm,
                                            float v) {
  return static_cast<double>(p.gamma) * ((static_cast<double>(v) - norm.mean) * norm.inverse_s) +
         static_cast<double>(p.beta);
}

/// By one block: the norm of v [B] from its own mean and variance. of_warps [2][32]: shared memory.
struct OutputMoments {
  OutputNorm norm;
  double variance;
};
__device__ inline OutputMoments output_moments(int rows, const float* v, double* of_warps) {
  double sums[2] = {};
  for (int row = static_cast<int>(threadIdx.x); row < rows; row += static_cast<int>(blockDim.x)) {
    const auto value = static_cast<double>(v[row]);
    sums[0] += value;
    sums[1] += value * value;
  }
  explainn::cuda::block_sums(sums, of_warps);
  const double mean = sums[0] / rows;
  const double variance = fmax(sums[1] / rows - mean * mean, 0.0);
  return {{mean, 1 / sqrt(variance + kNormEps)}, variance};
}

/// By one block: dv [B] from the gradients of the outputs. Returns the gradients of beta and gamma.
struct OutputGradients {
  double beta, gamma;
};
__device__ inline OutputGradients output_backward(const OutputParams& p, const OutputNorm& norm,
                                                  const float* v, const float* d_outputs, float* dv,
                                                  double* of_warps) {
  double sums[2] = {};  // of dy and of dy times the normal v
  for (int row = static_cast<int>(threadIdx.x); row < p.rows; row += static_cast<int>(blockDim.x)) {
    // The gate looks at the output as it was stored.
    const bool open = static_cast<float>(output_before_relu(p, norm, v[row])) > 0;
    const double dy = open ? static_cast<double>(d_outputs[row]) : 0;
    sums[0] += dy;
    sums[1] += dy * ((static_cast<double>(v[row]) - norm.mean) * norm.inverse_s);
  }
  explainn::cuda::block_sums(sums, of_warps);
  const double scale = static_cast<double>(p.gamma) * norm.inverse_s;
  for (int row = static_cast<int>(threadIdx.x); row < p.rows; row += static_cast<int>(blockDim.x)) {
    const bool open = static_cast<float>(output_before_relu(p, norm, v[row])) > 0;
    const double dy = open ? static_cast<double>(d_outputs[row]) : 0;
    const double normal = (static_cast<double>(v[row]) - norm.mean) * norm.inverse_s;
    dv[row] = static_cast<float>(scale * (dy - sums[0] / p.rows - normal * (sums[1] / p.rows)));
  }
  return {sums[0], sums[1]};
}

}  // namespace explainn::kernels
