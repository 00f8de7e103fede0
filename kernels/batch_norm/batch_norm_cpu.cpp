#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/base/parallel.h"
#include "kernels/batch_norm/batch_norm.h"

namespace explainn::kernels {
namespace {

// Channels done together. Where a channel has one value a sample (inner = 1) its values lie far
// apart, and walking rows of this many neighbours keeps every cache line in use.
constexpr std::int64_t kBlock = 64;
using Sums = std::array<double, kBlock>;

// Calls visit(channel in block, index of its first value, number of values) for all rows of the
// channels [begin, end): sample by sample, so that sums run in one fixed order.
template <typename Visit>
void for_each_row(const BatchNormParams& p, std::int64_t begin, std::int64_t end,
                  const Visit& visit) {
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t c = begin; c < end; ++c) visit(c - begin, (b * p.channels + c) * p.inner);
  }
}

// Sum of term(i) over `count` neighbours, in four lanes so that the additions overlap.
template <typename Term>
double row_sum(std::int64_t first, std::int64_t count, const Term& term) {
  double lane[4] = {0, 0, 0, 0};
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int j = 0; j < 4; ++j) lane[j] += term(first + i + j);
  }
  double tail = 0;
  for (; i < count; ++i) tail += term(first + i);
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + tail;
}

template <typename T>
void block_statistics(const BatchNormParams& p, const T* x, std::int64_t begin, std::int64_t end,
                      double* mean, Sums& variance) {
  Sums sum{};
  for_each_row(p, begin, end, [&](std::int64_t c, std::int64_t first) {
    sum[c] += row_sum(first, p.inner, [&](std::int64_t i) { return static_cast<double>(x[i]); });
  });
  const double count = static_cast<double>(p.count());
  for (std::int64_t c = 0; c < end - begin; ++c) mean[begin + c] = sum[c] / count;
  sum.fill(0);
  for_each_row(p, begin, end, [&](std::int64_t c, std::int64_t first) {
    const double m = mean[begin + c];
    sum[c] += row_sum(first, p.inner, [&](std::int64_t i) { return (x[i] - m) * (x[i] - m); });
  });
  for (std::int64_t c = 0; c < end - begin; ++c) variance[c] = sum[c] / count;
}

template <typename T>
void move_running(T& running, double value, double momentum) {
  running = static_cast<T>((1 - momentum) * static_cast<double>(running) + momentum * value);
}

// y = (x - mean) scale + beta, in double: where |mean| is large beside the spread, a mean rounded
// to float would shift all values of a channel alike, and gradients that cancel over them would
// not.
template <typename T>
void normalise(const BatchNormParams& p, std::int64_t begin, std::int64_t end, const T* x, T* y,
               const Sums& mean, const Sums& scale, const T* beta) {
  for_each_row(p, begin, end, [&](std::int64_t c, std::int64_t first) {
    const double m = mean[c];
    const double k = scale[c];
    const double shift = beta[begin + c];
    for (std::int64_t i = first; i < first + p.inner; ++i) {
      y[i] = static_cast<T>((x[i] - m) * k + shift);
    }
  });
}

}  // namespace

template <typename T>
void batch_norm_train(const BatchNormParams& p, const T* x, const T* gamma, const T* beta, T* y,
                      double* mean, double* inv_std, T* running_mean, T* running_var) {
  const double count = static_cast<double>(p.count());
  parallel_blocks(p.channels, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Sums variance;
    block_statistics(p, x, begin, end, mean, variance);
    Sums centre;
    Sums scale;
    for (std::int64_t c = 0; c < end - begin; ++c) {
      inv_std[begin + c] = 1 / std::sqrt(variance[c] + p.eps);
      centre[c] = mean[begin + c];
      scale[c] = gamma[begin + c] * inv_std[begin + c];
      if (running_mean != nullptr) {
        move_running(running_mean[begin + c], mean[begin + c], p.momentum);
        move_running(running_var[begin + c], variance[c] * count / (count - 1), p.momentum);
      }
    }
    normalise(p, begin, end, x, y, centre, scale, beta);
  });
}

template <typename T>
void batch_norm_eval(const BatchNormParams& p, const T* x, const T* gamma, const T* beta,
                     const T* running_mean, const T* running_var, T* y) {
  parallel_blocks(p.channels, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Sums centre;
    Sums scale;
    for (std::int64_t c = begin; c < end; ++c) {
      centre[c - begin] = running_mean[c];
      scale[c - begin] = gamma[c] / std::sqrt(static_cast<double>(running_var[c]) + p.eps);
    }
    normalise(p, begin, end, x, y, centre, scale, beta);
  });
}

template <typename T>
void batch_norm_backward(const BatchNormParams& p, const T* x, const T* dy, const T* gamma,
                         const double* mean, const double* inv_std, Gradient<T> dx,
                         Gradient<T> dgamma, Gradient<T> dbeta) {
  const double count = static_cast<double>(p.count());
  parallel_blocks(p.channels, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Sums sum_dy{};
    Sums sum_dyx{};
    for_each_row(p, begin, end, [&](std::int64_t c, std::int64_t first) {
      const double m = mean[begin + c];
      sum_dy[c] +=
          row_sum(first, p.inner, [&](std::int64_t i) { return static_cast<double>(dy[i]); });
      sum_dyx[c] += row_sum(first, p.inner, [&](std::int64_t i) { return dy[i] * (x[i] - m); });
    });
    for (std::int64_t c = 0; c < end - begin; ++c) {
      sum_dyx[c] *= inv_std[begin + c];
      if (dgamma) dgamma.put(begin + c, static_cast<T>(sum_dyx[c]));
      if (dbeta) dbeta.put(begin + c, static_cast<T>(sum_dy[c]));
    }
    if (!dx) return;
    for_each_row(p, begin, end, [&](std::int64_t c, std::int64_t first) {
      const double m = mean[begin + c];
      const double scale = gamma[begin + c] * inv_std[begin + c];
      const double mean_dy = sum_dy[c] / count;
      const double slope = sum_dyx[c] / count * inv_std[begin + c];
      for (std::int64_t i = first; i < first + p.inner; ++i) {
        dx.put(i, static_cast<T>(scale * ((dy[i] - mean_dy) - (x[i] - m) * slope)));
      }
    });
  });
}

template void batch_norm_train(const BatchNormParams&, const float*, const float*, const float*,
                               float*, double*, double*, float*, float*);
template void batch_norm_train(const BatchNormParams&, const double*, const double*, const double*,
                               double*, double*, double*, double*, double*);
template void batch_norm_eval(const BatchNormParams&, const float*, const float*, const float*,
                              const float*, const float*, float*);
template void batch_norm_eval(const BatchNormParams&, const double*, const double*, const double*,
                              const double*, const double*, double*);
template void batch_norm_backward(const BatchNormParams&, const float*, const float*, const float*,
                                  const double*, const double*, Gradient<float>, Gradient<float>,
                                  Gradient<float>);
template void batch_norm_backward(const BatchNormParams&, const double*, const double*,
                                  const double*, const double*, const double*, Gradient<double>,
                                  Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
