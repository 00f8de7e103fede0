// Small loops over the rows of a unit that both hidden paths share, and its output: the last linear
// map to one value a row, batch norm and ReLU. Included by loops_source.h alone.
#pragma once

#include "kernels/batch_norm/batch_norm.h"
#include "kernels/unit_pass/loops.h"
#include "kernels/unit_pass/unit_rows.h"
#include "kernels/unit_pass/vectors.h"

namespace explainn::kernels {
namespace {

// Gives out consecutive parts of a stretch of memory, each a whole number of padded rows. Without
// memory it only counts.
template <typename T>
struct Stretch {
  T* begin;
  std::int64_t used = 0;

  [[gnu::always_inline]] T* take(std::int64_t size) {
    T* const part = begin == nullptr ? nullptr : begin + used;
    used += padded(size);
    return part;
  }
  template <typename Other>
  [[gnu::always_inline]] Other* take_as(std::int64_t size) {
    constexpr auto kOwn = static_cast<std::int64_t>(sizeof(T));
    constexpr auto kOther = static_cast<std::int64_t>(sizeof(Other));
    return reinterpret_cast<Other*>(take((size * kOther + kOwn - 1) / kOwn));
  }
};

// Rows of a multiple of kRowPadding.
template <typename T, int Bytes>
[[gnu::always_inline]] inline T dot(std::int64_t size, const T* a, const T* b) {
  using V = Vectors<T, Bytes>;
  typename V::Real sum{};
  for (std::int64_t i = 0; i < size; i += V::kLanes) sum += V::load(a + i) * V::load(b + i);
  return V::sum(sum);
}

// sums[c] over all rows, in double. columns is a multiple of kRowPadding.
template <typename T>
[[gnu::always_inline]] inline void column_sums(std::int64_t rows, std::int64_t columns, const T* x,
                                               std::int64_t stride, double* sums) {
  for (std::int64_t first = 0; first < columns; first += kRowPadding) {
    double sum[kRowPadding] = {};
    for (std::int64_t r = 0; r < rows; ++r) {
      const T* const values = x + r * stride + first;
      for (std::int64_t c = 0; c < kRowPadding; ++c) sum[c] += static_cast<double>(values[c]);
    }
    for (std::int64_t c = 0; c < kRowPadding; ++c) sums[first + c] = sum[c];
  }
}

// The sum of of_row(r) over all rows, by eight of every eighth row: the order is the same in all
// sets.
template <typename OfRow>
[[gnu::always_inline]] inline double row_sum(std::int64_t rows, const OfRow& of_row) {
  double sum[8] = {};
  std::int64_t row = 0;
  for (; row + 8 <= rows; row += 8) {
    for (int i = 0; i < 8; ++i) sum[i] += of_row(row + i);
  }
  for (int i = 0; row + i < rows; ++i) sum[i] += of_row(row + i);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

// A running statistic moves towards the batch's.
template <typename T, typename Batch>
[[gnu::always_inline]] inline void move_running(T& running, Batch batch) {
  running = static_cast<T>(static_cast<Batch>(1 - kNormMomentum) * static_cast<Batch>(running) +
                           static_cast<Batch>(kNormMomentum) * batch);
}

template <typename V, typename T>
[[gnu::always_inline]] inline void move_running(T* running, typename V::Real batch) {
  V::store(running, static_cast<T>(1 - kNormMomentum) * V::load(running) +
                        static_cast<T>(kNormMomentum) * batch);
}

[[gnu::always_inline]] inline float square_root(float x) {
  return __builtin_sqrtf(x);
}
[[gnu::always_inline]] inline double square_root(double x) {
  return __builtin_sqrt(x);
}

// One node's share of the sum of x dL/dx over all inputs x of a linear map with batch norm: scaling
// all inputs by 1 + e scales the node's variance but not eps, so it is eps gamma dgamma / s^2 in
// all. Summed directly, all digits would cancel. Behind exp this is the gradient of a common shift.
[[gnu::always_inline]] inline double sum_of_log_gradients(double gamma, double dgamma,
                                                          double inverse_s) {
  return kNormEps * gamma * dgamma * inverse_s * inverse_s;
}

// The unit's output behind v [B] = the last linear map without its bias. Kept for the backward
// pass: v, its mean and 1 / s.
template <typename T>
struct UnitOutput {
  T* v;
  double* mean_and_scale;

  static UnitOutput in(Stretch<T>& memory, std::int64_t rows) {
    T* const v = memory.take(rows);
    return {v, memory.template take_as<double>(2)};
  }

  void forward(const UnitRows<T>& u, T* output, std::int64_t output_step) const {
    const UnitLayer& last = u.layers[u.layer_count - 1];
    const auto count = static_cast<double>(u.rows);
    const T* const values = v;
    const double mean =
        row_sum(u.rows, [=](std::int64_t r) { return static_cast<double>(values[r]); }) / count;
    const double variance = row_sum(u.rows,
                                    [=](std::int64_t r) {
                                      const double centred = static_cast<double>(values[r]) - mean;
                                      return centred * centred;
                                    }) /
                            count;
    const double scale = 1 / square_root(variance + kNormEps);
    mean_and_scale[0] = mean;
    mean_and_scale[1] = scale;
    if (u.statistics != nullptr) {
      move_running(u.statistics[last.mean], mean + static_cast<double>(u.statistics[last.bias]));
      move_running(u.statistics[last.variance], variance * count / (count - 1));
    }
    const auto gamma = static_cast<double>(u.parameters[last.gamma]);
    const auto beta = static_cast<double>(u.parameters[last.beta]);
    for (std::int64_t r = 0; r < u.rows; ++r) {
      const double y = gamma * ((static_cast<double>(v[r]) - mean) * scale) + beta;
      output[r * output_step] = static_cast<T>(y < 0 ? 0 : y);  // keeps NaN
    }
  }

  // dv [B] from the gradient of the outputs; those of gamma and beta go to `gradients`. Returns
  // sum_of_log_gradients of this layer.
  double backward(const UnitRows<T>& u, const T* d_output, std::int64_t output_step, T* dv,
                  T* gradients) const {
    const UnitLayer& last = u.layers[u.layer_count - 1];
    const auto count = static_cast<double>(u.rows);
    const double mean = mean_and_scale[0];
    const double scale = mean_and_scale[1];
    const auto gamma = static_cast<double>(u.parameters[last.gamma]);
    const auto beta = static_cast<double>(u.parameters[last.beta]);
    const T* const values = v;
    for (std::int64_t r = 0; r < u.rows; ++r) {
      const double normal = (static_cast<double>(values[r]) - mean) * scale;
      // The gate looks at the output as it was stored.
      dv[r] = static_cast<T>(gamma * normal + beta) > 0 ? d_output[r * output_step] : 0;
    }
    const double sum_dy =
        row_sum(u.rows, [=](std::int64_t r) { return static_cast<double>(dv[r]); });
    const double sum_dyx = row_sum(u.rows, [=](std::int64_t r) {
      return static_cast<double>(dv[r]) * ((static_cast<double>(values[r]) - mean) * scale);
    });
    gradients[last.gamma] = static_cast<T>(sum_dyx);
    gradients[last.beta] = static_cast<T>(sum_dy);
    const double mean_dy = sum_dy / count;
    const double mean_dyx = sum_dyx / count;
    for (std::int64_t r = 0; r < u.rows; ++r) {
      const double normal = (static_cast<double>(values[r]) - mean) * scale;
      dv[r] = static_cast<T>(gamma * scale *
                             (static_cast<double>(dv[r]) - mean_dy - normal * mean_dyx));
    }
    return sum_of_log_gradients(gamma, sum_dyx, scale);
  }
};

}  // namespace
}  // namespace explainn::kernels
