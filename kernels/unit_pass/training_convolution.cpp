#include "kernels/unit_pass/training_convolution.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"
#include "kernels/batch_norm/batch_norm.h"

namespace explainn::kernels {

template <typename T>
TrainingConvolution<T>::TrainingConvolution(const UnitSizes& sizes, const UnitLayout& layout,
                                            InstructionSet set)
    : sizes_(sizes),
      layout_(layout),
      loops_(loops<T>(set)),
      exact_loops_(loops<double>(set)),
      tables_(sizes, set),
      cw_(sizes.units * layout.convolution.stride),
      of_scores_(sizes.units) {}

template <typename T>
void TrainingConvolution<T>::fold(const WindowMoments& moments, const T* parameters,
                                  T* statistics) {
  parallel_for(tables_.blocks(),
               [&](std::int64_t block) { fold_block(block, moments, parameters, statistics); });
}

// The batch norm of a block's convolutions from the moments of the windows, folded into its tables.
template <typename T>
void TrainingConvolution<T>::fold_block(std::int64_t block, const WindowMoments& moments,
                                        const T* parameters, T* statistics) {
  const UnitLayer& layer = layout_.convolution;
  const std::int64_t entries = moments.entries();
  const std::int64_t units = tables_.units(block);
  const auto count = static_cast<double>(moments.count);
  Buffer<double> w(units * layer.stride);
  T* const letters = tables_.letters(block);
  T* const shifts = tables_.shifts(block);
  for (std::int64_t u = 0; u < units; ++u) {
    const T* const from = parameters + (block * kBlockUnits + u) * layout_.parameters + layer.w;
    std::copy_n(from, layer.stride, w.data() + u * layer.stride);
  }
  double* const cw = cw_.data() + block * kBlockUnits * layer.stride;
  exact_loops_.product({.rows = units,
                        .inner = entries,
                        .columns = layer.stride,
                        .a = w.data(),
                        .a_row = layer.stride,
                        .a_inner = 1,
                        .b = moments.covariance.data(),
                        .b_row = layer.stride,
                        .c = cw,
                        .c_row = layer.stride,
                        .add = false});
  for (std::int64_t u = 0; u < units; ++u) {
    const std::int64_t unit = block * kBlockUnits + u;
    const double* const filter = w.data() + u * layer.stride;
    double mean = 0;
    double variance = 0;
    for (std::int64_t i = 0; i < entries; ++i) {
      mean += filter[i] * moments.mean[i];
      variance += filter[i] * cw[u * layer.stride + i];
    }
    variance = std::max(variance, 0.0);
    const double s = std::sqrt(variance + kNormEps);
    of_scores_[unit] = {mean, s};
    T* const of_unit = statistics + unit * layout_.statistics;
    const auto move = [&](std::int64_t offset, double value) {
      of_unit[offset] = static_cast<T>((1 - kNormMomentum) * static_cast<double>(of_unit[offset]) +
                                       kNormMomentum * value);
    };
    move(layer.mean, mean + static_cast<double>(of_unit[layer.bias]));
    move(layer.variance, variance * count / (count - 1));
    const T* const weights = parameters + unit * layout_.parameters;
    const double scale = static_cast<double>(weights[layer.gamma]) / s;
    for (std::int64_t i = 0; i < entries; ++i) {
      letters[i * kBlockUnits + u] = static_cast<T>(filter[i] * scale);
    }
    shifts[u] = static_cast<T>(static_cast<double>(weights[layer.beta]) - mean * scale);
  }
  tables_.make(block);
}

template <typename T>
void TrainingConvolution<T>::gradient(std::int64_t unit, const EncodedRows& sequences,
                                      const WindowMoments& moments, const T* parameters,
                                      const PooledRows<T>& d_scores, T* gradients) const {
  const UnitLayer& layer = layout_.convolution;
  const double* const cw = cw_.data() + unit * layer.stride;
  const Statistics& of = of_scores_[unit];
  Buffer<T> sums(tetramer_count(sizes_.filter) * kTetramerLetters);
  loops_.window_sums({.rows = sequences.size(),
                      .pooled = sizes_.pooled(),
                      .filter = sizes_.filter,
                      .stride = sizes_.stride,
                      .values = d_scores.values,
                      .places = d_scores.places,
                      .value_row = d_scores.stride,
                      .sequences = sequences.data(),
                      .sums = sums.data()});
  const double sum_dy = loops_.total(sequences.size() * d_scores.stride, d_scores.values);
  double sum_dyx = -sum_dy * of.mean;
  for (std::int64_t i = 0; i < layer.inputs; ++i) {
    sum_dyx += static_cast<double>(parameters[layer.w + i]) * static_cast<double>(sums[i]);
  }
  sum_dyx /= of.s;
  const double scale = static_cast<double>(parameters[layer.gamma]) / of.s;
  for (std::int64_t i = 0; i < layer.inputs; ++i) {
    gradients[layer.w + i] = static_cast<T>(
        scale * (static_cast<double>(sums[i]) - sum_dy * moments.mean[i] - sum_dyx / of.s * cw[i]));
  }
  gradients[layer.gamma] = static_cast<T>(sum_dyx);
}

template class TrainingConvolution<float>;
template class TrainingConvolution<double>;

}  // namespace explainn::kernels
