// The five training losses, with labels that may be missing (NaN): those are left out.
#pragma once

#include <cstdint>

#include "kernels/device.h"

namespace explainn::kernels {

enum class LossKind { bce_with_logits, cross_entropy, mse, pearson, poisson_nll };

struct LossParams {
  LossKind kind;
  std::int64_t rows;   ///< B
  std::int64_t tasks;  ///< T (classes for cross_entropy)

  /// Label columns a row: T, or 1 (the class index) for cross_entropy.
  std::int64_t label_columns() const { return kind == LossKind::cross_entropy ? 1 : tasks; }
};

/// Summed loss and how many terms it has; the mean is sum / count. Sums of these over batches give
/// an epoch's loss.
struct LossSum {
  double sum = 0;
  std::int64_t count = 0;

  double mean() const { return sum / static_cast<double>(count); }
  LossSum& operator+=(const LossSum& other) {
    sum += other.sum;
    count += other.count;
    return *this;
  }
};

/// Loss of `output` [B, T] against `labels` [B, label_columns], and, where `gradient` [B, T] is not
/// null, the derivative of the *mean* loss (0 where a label is missing; all 0 when count is 0).
///  bce_with_logits  max(x, 0) - x y + log(1 + exp(-|x|)) an entry, y in [0, 1]
///  cross_entropy    log sum exp(x) - x[class] a row
///  mse              (x - y)^2 an entry
///  pearson          1 - cos(x - mean x, y - mean y) a row over its resolved tasks; norms below
///                   1e-6 count as 1e-6; rows with fewer than two resolved tasks or constant labels
///                   are left out
///  poisson_nll      exp(x) - x y an entry, y >= 0
/// Sums are taken in double, in an order that the sizes fix.
template <typename T>
LossSum loss_and_gradient(const LossParams& p, const T* output, const T* labels, T* gradient);

/// The same on `device`, where output, labels and gradient must lie. Waits for the result.
template <typename T>
LossSum loss_and_gradient(Device device, const LossParams& p, const T* output, const T* labels,
                          T* gradient);

// On the GPU in use.
namespace cuda {
template <typename T>
LossSum loss_and_gradient(const LossParams& p, const T* output, const T* labels, T* gradient);
}  // namespace cuda

}  // namespace explainn::kernels
