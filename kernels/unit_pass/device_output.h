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

/// By one block: the norm of v [B] from its own mean and variance. of_warps [32]: shared memory.
struct OutputMoments {
  OutputNorm norm;
  double variance;
};
__device__ inline OutputMoments output_moments(int rows, const float* v, double* of_warps) {
  double sum = 0;
  for (int row = static_cast<int>(threadIdx.x); row < rows; row += static_cast<int>(blockDim.x)) {
    sum += static_cast<double>(v[row]);
  }
  const double mean = explainn::cuda::block_sum(sum, of_warps) / rows;
  sum = 0;
  for (int row = static_cast<int>(threadIdx.x); row < rows; row += static_cast<int>(blockDim.x)) {
    const double centred = static_cast<double>(v[row]) - mean;
    sum += centred * centred;
  }
  const double variance = explainn::cuda::block_sum(sum, of_warps) / rows;
  return {{mean, 1 / sqrt(variance + kNormEps)}, variance};
}

/// By one block: dv [B] from the gradients of the outputs. Returns the gradients of beta and gamma.
struct OutputGradients {
  double beta, gamma;
};
__device__ inline OutputGradients output_backward(const OutputParams& p, const OutputNorm& norm,
                                                  const float* v, const float* d_outputs, float* dv,
                                                  double* of_warps) {
  double sum_dy = 0;
  double sum_dyx = 0;
  for (int row = static_cast<int>(threadIdx.x); row < p.rows; row += static_cast<int>(blockDim.x)) {
    // The gate looks at the output as it was stored.
    const bool open = static_cast<float>(output_before_relu(p, norm, v[row])) > 0;
    const double dy = open ? static_cast<double>(d_outputs[row]) : 0;
    sum_dy += dy;
    sum_dyx += dy * ((static_cast<double>(v[row]) - norm.mean) * norm.inverse_s);
  }
  sum_dy = explainn::cuda::block_sum(sum_dy, of_warps);
  sum_dyx = explainn::cuda::block_sum(sum_dyx, of_warps);
  const double scale = static_cast<double>(p.gamma) * norm.inverse_s;
  for (int row = static_cast<int>(threadIdx.x); row < p.rows; row += static_cast<int>(blockDim.x)) {
    const bool open = static_cast<float>(output_before_relu(p, norm, v[row])) > 0;
    const double dy = open ? static_cast<double>(d_outputs[row]) : 0;
    const double normal = (static_cast<double>(v[row]) - norm.mean) * norm.inverse_s;
    dv[row] = static_cast<float>(scale * (dy - sum_dy / p.rows - normal * (sum_dyx / p.rows)));
  }
  return {sum_dy, sum_dyx};
}

}  // namespace explainn::kernels
