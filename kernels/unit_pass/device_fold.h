// Device code of the convolution's batch norm and of the filters' gradients.
#pragma once

#include "kernels/batch_norm/batch_norm.h"
#include "kernels/cuda/block.h"
#include "kernels/unit_pass/device_scores.h"
#include "kernels/unit_pass/device_step.h"

namespace explainn::kernels {

__device__ inline void move_running(float& running, double batch) {
  running = static_cast<float>((1 - kNormMomentum) * static_cast<double>(running) +
                               kNormMomentum * batch);
}

/// How many windows have one-hot entries i and j (4 k + base) both set.
__device__ inline std::int32_t pair_count(const std::int32_t* pairs, int filter, int i, int j) {
  if (i > j) {
    const int other = i;
    i = j;
    j = other;
  }
  const int start = i / 4;
  const int lag = j / 4 - start;
  return pairs[(lag * filter + start) * 16 + i % 4 * 4 + j % 4];
}

/// Where the fold of one unit's batch norm reads and writes.
struct FoldParams {
  int filter;
  double windows;             ///< N = B n
  const std::int32_t* pairs;  ///< StepBatch::pairs
  const float* w;             ///< [4 K]
  float gamma, beta, bias;
  float* running_mean;
  float* running_variance;
  double* covariance_filter;  ///< [4 K], C w
  ScoreNorm* norm;
  float* letters;  ///< [4 K]
  float* shift;
};

/// By one block: mean and variance of all scores from the windows' moments, and the filter with
/// its batch norm folded in. `mean` [4 K] and `of_warps` [32]: shared memory.
__device__ inline void fold_filter(const FoldParams& p, double* mean, double* of_warps) {
  const int entries = 4 * p.filter;
  const int threads = static_cast<int>(blockDim.x);
  double term = 0;
  for (int i = static_cast<int>(threadIdx.x); i < entries; i += threads) {
    mean[i] = pair_count(p.pairs, p.filter, i, i) / p.windows;
    term += mean[i] * static_cast<double>(p.w[i]);
  }
  const double of_scores = explainn::cuda::block_sum(term, of_warps);
  term = 0;
  for (int i = static_cast<int>(threadIdx.x); i < entries; i += threads) {
    double sum = 0;
    for (int j = 0; j < entries; ++j) {
      sum += pair_count(p.pairs, p.filter, i, j) * static_cast<double>(p.w[j]);
    }
    const double centred = sum / p.windows - mean[i] * of_scores;
    p.covariance_filter[i] = centred;
    term += static_cast<double>(p.w[i]) * centred;
  }
  const double variance = fmax(explainn::cuda::block_sum(term, of_warps), 0.0);
  const double s = sqrt(variance + kNormEps);
  const double scale = static_cast<double>(p.gamma) / s;
  for (int i = static_cast<int>(threadIdx.x); i < entries; i += threads) {
    p.letters[i] = static_cast<float>(static_cast<double>(p.w[i]) * scale);
  }
  if (threadIdx.x == 0) {
    *p.norm = {of_scores, s};
    *p.shift = static_cast<float>(static_cast<double>(p.beta) - of_scores * scale);
    move_running(*p.running_mean, of_scores + static_cast<double>(p.bias));
    move_running(*p.running_variance, variance * p.windows / (p.windows - 1));
  }
}

/// Bases of a row of the tables that gradients of scores are added to, and rows of a table.
inline constexpr int kSumBases = 4;
inline constexpr int kSumRows = 256;

EXPLAINN_HOST_DEVICE constexpr int sum_tables(int filter) {
  return (filter + kSumBases - 1) / kSumBases;
}
/// Integers of all tables of a filter and of its letters (for windows with unknown bases).
EXPLAINN_HOST_DEVICE constexpr int sum_table_size(int filter) {
  return sum_tables(filter) * kSumRows + 4 * filter;
}

/// Bases that PackedRow::long_bases() gives.
inline constexpr int kLongBases = 32;

/// Adds `value` to the entries of the window at t. Integers, so that no order matters.
template <typename Row>
__device__ inline void add_window(int filter, std::int32_t* tables, const Row& row, int t,
                                  std::int32_t value) {
  if (row.any_unknown(t, filter)) {
    std::int32_t* const letters = tables + sum_tables(filter) * kSumRows;
    for (int k = 0; k < filter; ++k) {
      if ((row.unknown(t + k) & 1U) == 0) {
        atomicAdd(&letters[4 * k + static_cast<int>(row.bases(t + k) & 3U)], value);
      }
    }
    return;
  }
  if (filter <= kLongBases) {
    std::uint64_t bases = row.long_bases(t);
    for (int chunk = 0; chunk < sum_tables(filter); ++chunk) {
      atomicAdd(&tables[chunk * kSumRows + (static_cast<int>(bases) & (kSumRows - 1))], value);
      bases >>= 2 * kSumBases;
    }
    return;
  }
  for (int chunk = 0; chunk < sum_tables(filter); ++chunk) {
    const int code = static_cast<int>(row.bases(t + kSumBases * chunk) & (kSumRows - 1));
    atomicAdd(&tables[chunk * kSumRows + code], value);
  }
}

/// The sum of entry i = 4 k + base over all windows added; or, of `shares`, the share `share` of
/// it.
__device__ inline std::int32_t window_sum(int filter, const std::int32_t* tables, int i,
                                          int share = 0, int shares = 1) {
  const int k = i / 4;
  const int base = i % 4;
  const int low = 2 * (k % kSumBases);  // bits of the code below this base
  const std::int32_t* const table = tables + k / kSumBases * kSumRows;
  std::int32_t sum = share == 0 ? tables[sum_tables(filter) * kSumRows + i] : 0;
  for (int rest = share; rest < kSumRows / 4; rest += shares) {
    const int code = (rest >> low << (low + 2)) | base << low | (rest & ((1 << low) - 1));
    sum += table[code];
  }
  return sum;
}

/// What turns gradients whose absolute values sum to `total` into integers that cannot overflow.
__device__ inline float fixed_point_scale(double total) {
  return total > 0 ? static_cast<float>(1073741824.0 / total) : 0.0F;
}

}  // namespace explainn::kernels
