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

// Values of either type as doubles, a vector or one at a time.
template <int Bytes>
struct AsDoubles {
  using V = Vectors<double, Bytes>;
  using Real = typename V::Real;
  static constexpr std::int64_t kLanes = V::kLanes;

  [[gnu::always_inline]] static Real load(const double* p) { return V::load(p); }
  [[gnu::always_inline]] static Real load(const float* p) { return V::load_floats(p); }
  [[gnu::always_inline]] static void store(double* p, Real v) { V::store(p, v); }
  [[gnu::always_inline]] static void store(float* p, Real v) { V::store_floats(p, v); }
};

// Sum of of(from[r]..) over all rows, in double: `of` is called with vectors and with single
// numbers.
template <int Bytes, typename Of, typename... T>
[[gnu::always_inline]] inline double row_sum(std::int64_t rows, const Of& of, const T*... from) {
  using D = AsDoubles<Bytes>;
  constexpr std::int64_t kLanes = D::kLanes;
  typename D::Real sum[2] = {};
  std::int64_t row = 0;
  for (; row + 2 * kLanes <= rows; row += 2 * kLanes) {
    for (int i = 0; i < 2; ++i) sum[i] += of(D::load(from + row + i * kLanes)...);
  }
  double total = D::V::sum(sum[0] + sum[1]);
  for (; row < rows; ++row) total += of(static_cast<double>(from[row])...);
  return total;
}

// to[r] = of(from[r]..), likewise.
template <int Bytes, typename To, typename Of, typename... T>
[[gnu::always_inline]] inline void for_rows(std::int64_t rows, To* to, const Of& of,
                                            const T*... from) {
  using D = AsDoubles<Bytes>;
  std::int64_t row = 0;
  for (; row + D::kLanes <= rows; row += D::kLanes) D::store(to + row, of(D::load(from + row)...));
  for (; row < rows; ++row) to[row] = static_cast<To>(of(static_cast<double>(from[row])...));
}

// sums[c] over all rows: few rows at a time, then in double. columns is a multiple of kRowPadding.
template <typename T, int Bytes>
[[gnu::always_inline]] inline void column_sums(std::int64_t rows, std::int64_t columns, const T* x,
                                               std::int64_t stride, double* sums) {
  using V = Vectors<T, Bytes>;
  using D = AsDoubles<Bytes>;
  constexpr std::int64_t kRows = 8;
  constexpr int kParts = static_cast<int>(V::kLanes / D::kLanes);
  for (std::int64_t column = 0; column < columns; column += V::kLanes) {
    typename D::Real sum[kParts] = {};
    for (std::int64_t first = 0; first < rows; first += kRows) {
      const std::int64_t end = first + kRows < rows ? first + kRows : rows;
      typename V::Real few{};
      for (std::int64_t r = first; r < end; ++r) few += V::load(x + r * stride + column);
      T values[V::kLanes];
      V::store(values, few);
      for (int i = 0; i < kParts; ++i) sum[i] += D::load(values + i * D::kLanes);
    }
    for (int i = 0; i < kParts; ++i) D::store(sums + column + i * D::kLanes, sum[i]);
  }
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

  template <int Bytes>
  void forward(const UnitRows<T>& u, T* output) const {
    const UnitLayer& last = u.layers[u.layer_count - 1];
    const auto count = static_cast<double>(u.rows);
    const double mean = row_sum<Bytes>(
                            u.rows, [](auto x) { return x; }, v) /
                        count;
    const auto squared = [=](auto x) {
      const auto centred = x - mean;
      return centred * centred;
    };
    const double variance = row_sum<Bytes>(u.rows, squared, v) / count;
    const double scale = 1 / square_root(variance + kNormEps);
    mean_and_scale[0] = mean;
    mean_and_scale[1] = scale;
    if (u.statistics != nullptr) {
      move_running(u.statistics[last.mean], mean + static_cast<double>(u.statistics[last.bias]));
      move_running(u.statistics[last.variance], variance * count / (count - 1));
    }
    const auto gamma = static_cast<double>(u.parameters[last.gamma]);
    const auto beta = static_cast<double>(u.parameters[last.beta]);
    const auto normal = [=](auto x) {
      const decltype(x) y = gamma * ((x - mean) * scale) + beta;
      return y < 0 ? decltype(x){} : y;  // keeps NaN
    };
    for_rows<Bytes>(u.rows, output, normal, v);
  }

  // dv [B] from the outputs as they were stored and their gradient; those of gamma and beta go to
  // `gradients`. Returns sum_of_log_gradients of this layer.
  template <int Bytes>
  double backward(const UnitRows<T>& u, const T* output, const T* d_output, T* dv,
                  T* gradients) const {
    const UnitLayer& last = u.layers[u.layer_count - 1];
    const auto count = static_cast<double>(u.rows);
    const double mean = mean_and_scale[0];
    const double scale = mean_and_scale[1];
    const auto gamma = static_cast<double>(u.parameters[last.gamma]);
    const auto gated = [](auto y, auto dy) { return y > 0 ? dy : decltype(dy){}; };
    for_rows<Bytes>(u.rows, dv, gated, output, d_output);
    const double sum_dy = row_sum<Bytes>(
        u.rows, [](auto dy) { return dy; }, dv);
    const auto along = [=](auto dy, auto x) { return dy * ((x - mean) * scale); };
    const double sum_dyx = row_sum<Bytes>(u.rows, along, dv, v);
    gradients[last.gamma] = static_cast<T>(sum_dyx);
    gradients[last.beta] = static_cast<T>(sum_dy);
    const double mean_dy = sum_dy / count;
    const double mean_dyx = sum_dyx / count;
    const auto centred = [=](auto dy, auto x) {
      return gamma * scale * (dy - mean_dy - (x - mean) * scale * mean_dyx);
    };
    for_rows<Bytes>(u.rows, dv, centred, dv, v);
    return sum_of_log_gradients(gamma, sum_dyx, scale);
  }
};

}  // namespace
}  // namespace explainn::kernels
