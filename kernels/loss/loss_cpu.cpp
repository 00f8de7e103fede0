#include "kernels/loss/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/base/parallel.h"
#include "kernels/loss/terms.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kEntriesOfPart = 1024;
constexpr std::int64_t kEntriesAtOnce = 256;

// Losses that are a sum over entries. Slopes are stored undivided. The terms, those of missing
// labels too, are computed before they are summed: a loop that does both is not vectorised.
template <typename Entry, typename T>
LossSum entrywise(const LossParams& p, const T* output, const T* labels, T* gradient) {
  LossSum total;
  double losses[kEntriesAtOnce];
  T slopes[kEntriesAtOnce];
  for (std::int64_t first = 0; first < p.rows * p.tasks; first += kEntriesAtOnce) {
    const std::int64_t count = std::min(kEntriesAtOnce, p.rows * p.tasks - first);
    const T* const x = output + first;
    const T* const y = labels + first;
    for (std::int64_t i = 0; i < count; ++i) {
      const LossTerm term = Entry::of(static_cast<double>(x[i]), static_cast<double>(y[i]));
      losses[i] = term.loss;
      slopes[i] = static_cast<T>(term.slope);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const bool known = !std::isnan(y[i]);
      total.sum += known ? losses[i] : 0;
      total.count += known ? 1 : 0;
      if (gradient != nullptr) gradient[first + i] = known ? slopes[i] : T{0};
    }
  }
  return total;
}

template <typename T>
LossSum cross_entropy(const LossParams& p, const T* output, const T* labels, T* gradient) {
  LossSum total;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const T* const x = output + row * p.tasks;
    T* const dx = gradient == nullptr ? nullptr : gradient + row * p.tasks;
    if (std::isnan(labels[row])) {
      if (dx != nullptr) std::fill_n(dx, p.tasks, T{0});
      continue;
    }
    const auto label = static_cast<std::int64_t>(labels[row]);
    const double largest = *std::max_element(x, x + p.tasks);
    double sum = 0;
    for (std::int64_t t = 0; t < p.tasks; ++t) sum += std::exp(x[t] - largest);
    total.sum += std::log(sum) + largest - x[label];
    ++total.count;
    for (std::int64_t t = 0; dx != nullptr && t < p.tasks; ++t) {
      dx[t] = static_cast<T>(std::exp(x[t] - largest) / sum - (t == label ? 1 : 0));
    }
  }
  return total;
}

// Sums of one row over its resolved tasks, centred.
struct RowMoments {
  std::int64_t count = 0;
  double mean_x = 0, mean_y = 0;
  double xx = 0, yy = 0, xy = 0;
};

template <typename T>
RowMoments row_moments(std::int64_t tasks, const T* x, const T* y) {
  RowMoments m;
  for (std::int64_t t = 0; t < tasks; ++t) {
    if (std::isnan(y[t])) continue;
    ++m.count;
    m.mean_x += x[t];
    m.mean_y += y[t];
  }
  m.mean_x /= static_cast<double>(m.count);
  m.mean_y /= static_cast<double>(m.count);
  for (std::int64_t t = 0; t < tasks; ++t) {
    if (std::isnan(y[t])) continue;
    const double dx = x[t] - m.mean_x;
    const double dy = y[t] - m.mean_y;
    m.xx += dx * dx;
    m.yy += dy * dy;
    m.xy += dx * dy;
  }
  return m;
}

template <typename T>
bool constant_labels(std::int64_t tasks, const T* y) {
  const T* first = nullptr;
  for (std::int64_t t = 0; t < tasks; ++t) {
    if (std::isnan(y[t])) continue;
    if (first == nullptr) first = y + t;
    if (y[t] != *first) return false;
  }
  return true;
}

template <typename T>
LossSum pearson(const LossParams& p, const T* output, const T* labels, T* gradient) {
  LossSum total;
  for (std::int64_t row = 0; row < p.rows; ++row) {
    const T* const x = output + row * p.tasks;
    const T* const y = labels + row * p.tasks;
    T* const dx = gradient == nullptr ? nullptr : gradient + row * p.tasks;
    if (dx != nullptr) std::fill_n(dx, p.tasks, T{0});
    if (constant_labels(p.tasks, y)) continue;  // also when none or one is resolved
    const RowMoments m = row_moments(p.tasks, x, y);
    const double norm_x = std::max(std::sqrt(m.xx), kLeastNorm);
    const double norm_y = std::max(std::sqrt(m.yy), kLeastNorm);
    const double r = m.xy / (norm_x * norm_y);
    total.sum += 1 - r;
    ++total.count;
    // Below the least norm the denominator is a constant and only the product xy depends on x.
    const double along_x = std::sqrt(m.xx) > kLeastNorm ? r / m.xx : 0;
    for (std::int64_t t = 0; dx != nullptr && t < p.tasks; ++t) {
      if (std::isnan(y[t])) continue;
      dx[t] = static_cast<T>((x[t] - m.mean_x) * along_x - (y[t] - m.mean_y) / (norm_x * norm_y));
    }
  }
  return total;
}

template <typename T>
LossSum undivided(const LossParams& p, const T* output, const T* labels, T* gradient) {
  switch (p.kind) {
    case LossKind::bce_with_logits:
      return entrywise<BceTerm>(p, output, labels, gradient);
    case LossKind::mse:
      return entrywise<MseTerm>(p, output, labels, gradient);
    case LossKind::poisson_nll:
      return entrywise<PoissonTerm>(p, output, labels, gradient);
    case LossKind::cross_entropy:
      return cross_entropy(p, output, labels, gradient);
    case LossKind::pearson:
      return pearson(p, output, labels, gradient);
  }
  return {};
}

}  // namespace

template <typename T>
LossSum loss_and_gradient(const LossParams& p, const T* output, const T* labels, T* gradient) {
  const std::int64_t rows_of_part = std::max<std::int64_t>(1, kEntriesOfPart / p.tasks);
  const std::int64_t parts = (p.rows + rows_of_part - 1) / rows_of_part;
  const auto rows_of = [&](std::int64_t part) {
    return std::min(rows_of_part, p.rows - part * rows_of_part);
  };
  std::vector<LossSum> sums(static_cast<std::size_t>(parts));
  parallel_for(parts, [&](std::int64_t part) {
    const std::int64_t first = part * rows_of_part;
    sums[static_cast<std::size_t>(part)] =
        undivided(LossParams{p.kind, rows_of(part), p.tasks}, output + first * p.tasks,
                  labels + first * p.label_columns(),
                  gradient == nullptr ? nullptr : gradient + first * p.tasks);
  });
  LossSum total;
  for (const LossSum& sum : sums) total += sum;
  if (gradient != nullptr && total.count > 0) {
    const auto count = static_cast<double>(total.count);
    parallel_for(parts, [&](std::int64_t part) {
      T* const of_part = gradient + part * rows_of_part * p.tasks;
      for (std::int64_t i = 0; i < rows_of(part) * p.tasks; ++i) {
        of_part[i] = static_cast<T>(of_part[i] / count);
      }
    });
  }
  return total;
}

template LossSum loss_and_gradient(const LossParams&, const float*, const float*, float*);
template LossSum loss_and_gradient(const LossParams&, const double*, const double*, double*);

}  // namespace explainn::kernels
