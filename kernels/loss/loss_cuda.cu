#include "kernels/cuda/elements.h"
#include "kernels/cuda/reduce.h"
#include "kernels/loss/loss.h"
#include "kernels/loss/terms.h"
#include "kernels/memory.h"

namespace explainn::kernels::cuda {
namespace {

using explainn::cuda::block_sum;
using explainn::cuda::launch;
using explainn::cuda::warp_max;
using explainn::cuda::warp_sum;

constexpr int kRowsPerBlock = 4;  // a warp each
constexpr int kThreadsOfTotal = 256;

// The rows below are worked on by a warp each, lanes over tasks: x, y and dx (null: not wanted) are
// a row of outputs, labels and undivided slopes; every lane returns the row's sum and count.

template <typename Entry>
struct EntrywiseRow {
  template <typename T>
  __device__ static LossSum run(std::int64_t tasks, const T* x, const T* y, T* dx) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) {
      LossTerm term{0, 0};
      if (!std::isnan(y[t])) {
        term = Entry::of(x[t], y[t]);
        ++count;
      }
      sum += term.loss;
      if (dx != nullptr) dx[t] = static_cast<T>(term.slope);
    }
    return {warp_sum(sum), warp_sum(count)};
  }
};

template <typename T>
__device__ void clear_row(std::int64_t tasks, T* dx) {
  for (std::int64_t t = threadIdx.x; dx != nullptr && t < tasks; t += 32) dx[t] = 0;
}

struct CrossEntropyRow {
  template <typename T>
  __device__ static LossSum run(std::int64_t tasks, const T* x, const T* y, T* dx) {
    if (std::isnan(*y)) {
      clear_row(tasks, dx);
      return {0, 0};
    }
    const auto label = static_cast<std::int64_t>(*y);
    double largest = x[0];
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) {
      if (x[t] > largest) largest = x[t];
    }
    largest = warp_max(largest);
    double sum = 0;
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) sum += std::exp(x[t] - largest);
    sum = warp_sum(sum);
    for (std::int64_t t = threadIdx.x; dx != nullptr && t < tasks; t += 32) {
      dx[t] = static_cast<T>(std::exp(x[t] - largest) / sum - (t == label ? 1 : 0));
    }
    return {std::log(sum) + largest - x[label], 1};
  }
};

struct PearsonRow {
  // Also when no label or one is resolved.
  template <typename T>
  __device__ static bool constant_labels(std::int64_t tasks, const T* y) {
    T largest = -INFINITY;
    T least_negated = -INFINITY;
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) {
      if (y[t] > largest) largest = y[t];
      if (-y[t] > least_negated) least_negated = -y[t];
    }
    return warp_max(largest) <= -warp_max(least_negated);
  }

  template <typename T>
  __device__ static LossSum run(std::int64_t tasks, const T* x, const T* y, T* dx) {
    clear_row(tasks, dx);
    if (constant_labels(tasks, y)) return {0, 0};
    double mean_x = 0, mean_y = 0, count = 0;
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) {
      if (std::isnan(y[t])) continue;
      ++count;
      mean_x += x[t];
      mean_y += y[t];
    }
    count = warp_sum(count);
    mean_x = warp_sum(mean_x) / count;
    mean_y = warp_sum(mean_y) / count;
    double xx = 0, yy = 0, xy = 0;
    for (std::int64_t t = threadIdx.x; t < tasks; t += 32) {
      if (std::isnan(y[t])) continue;
      const double a = x[t] - mean_x;
      const double b = y[t] - mean_y;
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
    xx = warp_sum(xx);
    const double norm_x = std::fmax(std::sqrt(xx), kLeastNorm);
    const double norm_y = std::fmax(std::sqrt(warp_sum(yy)), kLeastNorm);
    const double norms = norm_x * norm_y;
    const double r = warp_sum(xy) / norms;
    // Below the least norm the denominator is a constant and only the product xy depends on x.
    const double along_x = std::sqrt(xx) > kLeastNorm ? r / xx : 0;
    for (std::int64_t t = threadIdx.x; dx != nullptr && t < tasks; t += 32) {
      if (std::isnan(y[t])) continue;
      dx[t] = static_cast<T>((x[t] - mean_x) * along_x - (y[t] - mean_y) / norms);
    }
    return {1 - r, 1};
  }
};

template <typename Row, typename T>
__global__ void row_losses(LossParams p, std::int64_t label_columns, const T* output,
                           const T* labels, T* gradient, LossSum* sums) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kRowsPerBlock + threadIdx.y;
  if (row >= p.rows) return;  // a whole warp
  const LossSum sum = Row::run(p.tasks, output + row * p.tasks, labels + row * label_columns,
                               gradient == nullptr ? nullptr : gradient + row * p.tasks);
  if (threadIdx.x == 0) sums[row] = sum;
}

// One block.
__global__ void add_up(std::int64_t rows, const LossSum* sums, LossSum* total) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t row = threadIdx.x; row < rows; row += blockDim.x) {
    sum += sums[row].sum;
    count += sums[row].count;
  }
  sum = block_sum(sum);
  count = block_sum(count);
  if (threadIdx.x == 0) *total = {sum, count};
}

template <typename T>
__global__ void divide(std::int64_t size, const LossSum* total, T* gradient) {
  const std::int64_t i = explainn::cuda::element();
  if (i < size && total->count > 0) {
    gradient[i] = static_cast<T>(gradient[i] / static_cast<double>(total->count));
  }
}

template <typename T>
auto kernel_of(LossKind kind) {
  switch (kind) {
    case LossKind::cross_entropy:
      return row_losses<CrossEntropyRow, T>;
    case LossKind::mse:
      return row_losses<EntrywiseRow<MseTerm>, T>;
    case LossKind::pearson:
      return row_losses<PearsonRow, T>;
    case LossKind::poisson_nll:
      return row_losses<EntrywiseRow<PoissonTerm>, T>;
    default:
      return row_losses<EntrywiseRow<BceTerm>, T>;
  }
}

}  // namespace

template <typename T>
LossSum loss_and_gradient(const LossParams& p, const T* output, const T* labels, T* gradient) {
  const Device device = explainn::cuda::in_use();
  Buffer<LossSum> sums(p.rows + 1, device);  // and the total
  LossSum* const total = sums.data() + p.rows;
  launch(kernel_of<T>(p.kind),
         {.grid = explainn::cuda::blocks_for(p.rows, kRowsPerBlock), .block = {32, kRowsPerBlock}},
         p, p.label_columns(), output, labels, gradient, sums.data());
  launch(add_up, {.grid = 1, .block = kThreadsOfTotal}, p.rows, sums.data(), total);
  if (gradient != nullptr) {
    launch(divide<T>, explainn::cuda::thread_each(p.rows * p.tasks), p.rows * p.tasks, total,
           gradient);
  }
  LossSum result;
  copy_from(device, total, std::span<LossSum>(&result, 1));
  return result;
}

template LossSum loss_and_gradient(const LossParams&, const float*, const float*, float*);
template LossSum loss_and_gradient(const LossParams&, const double*, const double*, double*);

}  // namespace explainn::kernels::cuda
