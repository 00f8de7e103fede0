// Device code: the loss of one row and its derivative, by one warp (loss.h defines each kind).
#pragma once

#include "kernels/cuda/block.h"
#include "kernels/loss/loss.h"
#include "kernels/loss/terms.h"

namespace explainn::kernels {

/// BceTerm in float: as exact as its logit, and without the long way of exp in double.
__device__ inline LossTerm binary_term(float x, float y) {
  const float small = expf(-fabsf(x));
  const float probability = (x >= 0 ? 1.0F : small) / (1 + small);
  return {static_cast<double>(fmaxf(x, 0.0F) - x * y + log1pf(small)),
          static_cast<double>(probability - y)};
}

__device__ inline double warp_max(double value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    value = fmax(value, __shfl_xor_sync(explainn::cuda::kFullWarp, value, distance));
  }
  return value;
}

/// A row's loss, in every lane. dx [tasks] = its derivative divided by `count`.
__device__ inline double cross_entropy_row(int tasks, const float* x, float label, double count,
                                           float* dx) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  double largest = -INFINITY;
  for (int t = lane; t < tasks; t += 32) largest = fmax(largest, static_cast<double>(x[t]));
  largest = warp_max(largest);
  double sum = 0;
  for (int t = lane; t < tasks; t += 32) sum += exp(static_cast<double>(x[t]) - largest);
  sum = explainn::cuda::warp_sum(sum);
  const bool known = !isnan(label);
  const int own = known ? static_cast<int>(label) : 0;
  for (int t = lane; t < tasks; t += 32) {
    const double slope = exp(static_cast<double>(x[t]) - largest) / sum - (t == own ? 1 : 0);
    dx[t] = known ? static_cast<float>(slope / count) : 0.0F;
  }
  return known ? log(sum) + largest - static_cast<double>(x[own]) : 0;
}

__device__ inline double pearson_row(int tasks, const float* x, const float* y, double count,
                                     float* dx) {
  using explainn::cuda::warp_sum;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  double resolved = 0;
  double mean_x = 0;
  double mean_y = 0;
  double least = INFINITY;
  double most = -INFINITY;
  for (int t = lane; t < tasks; t += 32) {
    if (isnan(y[t])) continue;
    ++resolved;
    mean_x += static_cast<double>(x[t]);
    mean_y += static_cast<double>(y[t]);
    least = fmin(least, static_cast<double>(y[t]));
    most = fmax(most, static_cast<double>(y[t]));
  }
  resolved = warp_sum(resolved);
  mean_x = warp_sum(mean_x) / resolved;
  mean_y = warp_sum(mean_y) / resolved;
  most = warp_max(most);
  least = -warp_max(-least);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (int t = lane; t < tasks; t += 32) {
    if (isnan(y[t])) continue;
    const double a = static_cast<double>(x[t]) - mean_x;
    const double b = static_cast<double>(y[t]) - mean_y;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  xx = warp_sum(xx);
  yy = warp_sum(yy);
  xy = warp_sum(xy);
  const bool judged = least < most;
  const double norm_x = fmax(sqrt(xx), kLeastNorm);
  const double norm_y = fmax(sqrt(yy), kLeastNorm);
  const double r = xy / (norm_x * norm_y);
  // Below the least norm the denominator is a constant and only the product xy depends on x.
  const double along_x = sqrt(xx) > kLeastNorm ? r / xx : 0;
  for (int t = lane; t < tasks; t += 32) {
    const double slope = (static_cast<double>(x[t]) - mean_x) * along_x -
                         (static_cast<double>(y[t]) - mean_y) / (norm_x * norm_y);
    dx[t] = judged && !isnan(y[t]) ? static_cast<float>(slope / count) : 0.0F;
  }
  return judged ? 1 - r : 0;
}

/// labels [tasks], or [1] for cross_entropy; count: terms of the whole batch's loss.
__device__ inline double row_loss(LossKind kind, int tasks, const float* x, const float* labels,
                                  double count, float* dx) {
  if (kind == LossKind::cross_entropy) return cross_entropy_row(tasks, x, labels[0], count, dx);
  if (kind == LossKind::pearson) return pearson_row(tasks, x, labels, count, dx);
  double sum = 0;
  for (int t = static_cast<int>(threadIdx.x) % 32; t < tasks; t += 32) {
    const bool known = !isnan(labels[t]);
    const float label = known ? labels[t] : 0.0F;
    const LossTerm term =
        kind == LossKind::bce_with_logits ? binary_term(x[t], label)
        : kind == LossKind::mse
            ? MseTerm::of(static_cast<double>(x[t]), static_cast<double>(label))
            : PoissonTerm::of(static_cast<double>(x[t]), static_cast<double>(label));
    sum += known ? term.loss : 0;
    dx[t] = known ? static_cast<float>(term.slope / count) : 0.0F;
  }
  return explainn::cuda::warp_sum(sum);
}

}  // namespace explainn::kernels
