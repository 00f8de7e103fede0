#include "kernels/unit_pass/training.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/batch_norm/batch_norm.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsOfTask = 64;
// Above this the products with the covariance cost more than those with the rows.
constexpr std::int64_t kMostMaskedInputs = 96;

HiddenPath path_for(const UnitLayout& layout, const UnitTrainingSettings& settings) {
  const bool possible = layout.layers.size() == 2;
  const bool masked = possible && layout.layers[0].inputs <= kMostMaskedInputs;
  const HiddenPath path = settings.path.value_or(masked ? HiddenPath::masked : HiddenPath::dense);
  require(possible || path == HiddenPath::dense, "unit pass",
          "the masked path is for two layers, not for ", layout.layers.size());
  return path;
}

template <typename T>
Buffer<T> zeros(std::int64_t size) {
  Buffer<T> buffer(size);
  std::fill(buffer.begin(), buffer.end(), T{0});
  return buffer;
}

}  // namespace

template <typename T>
UnitTraining<T>::UnitTraining(const UnitSizes& sizes,
                              const std::vector<std::int64_t>& hidden_outputs,
                              const UnitTrainingSettings& settings)
    : sizes_(sizes),
      layout_(sizes, hidden_outputs),
      settings_(settings),
      loops_(loops<T>(settings.set)),
      exact_loops_(loops<double>(settings.set)),
      path_(path_for(layout_, settings)),
      parameters_(zeros<T>(sizes.units * layout_.parameters)),
      statistics_(zeros<T>(sizes.units * layout_.statistics)),
      cw_(sizes.units * layout_.convolution.stride),
      of_scores_(sizes.units) {
  const std::int64_t blocks = (sizes.units + kBlockUnits - 1) / kBlockUnits;
  letters_ = zeros<T>(blocks * sizes.filter * 4 * kBlockUnits);
  shifts_ = zeros<T>(blocks * kBlockUnits);
  tables_ = Buffer<T>(blocks * table_count(sizes.filter) * kMerRows * kBlockUnits);
}

// The batch norm of a block's convolutions from the moments of the windows, folded into its tables.
template <typename T>
void UnitTraining<T>::fold_block(std::int64_t block) {
  const UnitLayer& layer = layout_.convolution;
  const WindowMoments& moments = batch_->moments;
  const std::int64_t entries = moments.entries();
  const std::int64_t units = std::min(kBlockUnits, sizes_.units - block * kBlockUnits);
  const auto count = static_cast<double>(moments.count);
  Buffer<double> w(units * layer.stride);
  T* const letters = letters_.data() + block * entries * kBlockUnits;
  T* const shifts = shifts_.data() + block * kBlockUnits;
  for (std::int64_t u = 0; u < units; ++u) {
    const T* const from =
        parameters_.data() + (block * kBlockUnits + u) * layout_.parameters + layer.w;
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
    T* const statistics = statistics_.data() + unit * layout_.statistics;
    const auto move = [&](std::int64_t offset, double value) {
      statistics[offset] = static_cast<T>(
          (1 - kNormMomentum) * static_cast<double>(statistics[offset]) + kNormMomentum * value);
    };
    move(layer.mean, mean + static_cast<double>(statistics[layer.bias]));
    move(layer.variance, variance * count / (count - 1));
    const T* const parameters = parameters_.data() + unit * layout_.parameters;
    const double scale = static_cast<double>(parameters[layer.gamma]) / s;
    for (std::int64_t i = 0; i < entries; ++i) {
      letters[i * kBlockUnits + u] = static_cast<T>(filter[i] * scale);
    }
    shifts[u] = static_cast<T>(static_cast<double>(parameters[layer.beta]) - mean * scale);
  }
  loops_.make_tables(sizes_.filter, letters, shifts,
                     tables_.data() + block * table_count(sizes_.filter) * kMerRows * kBlockUnits);
}

// x = exp of the largest score of each pool window, and its place, of all units of a group.
template <typename T>
void UnitTraining<T>::convolve(const Group& group) {
  const std::int64_t rows = batch_->rows;
  const std::int64_t pooled = sizes_.pooled();
  const std::int64_t stride = rows_sizes_.x_stride;
  const std::int64_t parts = (rows + kRowsOfTask - 1) / kRowsOfTask;
  const std::int64_t blocks = (group.count + kBlockUnits - 1) / kBlockUnits;
  parallel_for(blocks * parts, [&](std::int64_t task) {
    const std::int64_t block = group.first / kBlockUnits + task / parts;
    const std::int64_t begin = task % parts * kRowsOfTask;
    const std::int64_t end = std::min(begin + kRowsOfTask, rows);
    const std::int64_t first_unit = block * kBlockUnits - group.first;
    const ConvolutionParams<T> p{
        .length = sizes_.length,
        .filter = sizes_.filter,
        .pool = sizes_.pool,
        .stride = sizes_.stride,
        .pooled = pooled,
        .tables = tables_.data() + block * table_count(sizes_.filter) * kMerRows * kBlockUnits,
        .letters = letters_.data() + block * sizes_.filter * 4 * kBlockUnits,
        .shift = shifts_.data() + block * kBlockUnits};
    Buffer<T> scores(sizes_.positions() * kBlockUnits);
    Buffer<T> maxima = zeros<T>(stride * kBlockUnits);
    Buffer<std::int32_t> places(pooled * kBlockUnits);
    for (std::int64_t row = begin; row < end; ++row) {
      loops_.convolve_and_pool(p, batch_->encoded[row], scores.data(), maxima.data(),
                               places.data());
      loops_.exponentials(places.size(), maxima.data());
      const std::int64_t at = (first_unit * rows + row) * stride;
      loops_.transpose(stride, kBlockUnits, maxima.data(), kBlockUnits, x_.data() + at,
                       rows * stride);
      loops_.transpose_places(pooled, kBlockUnits, places.data(), kBlockUnits, places_.data() + at,
                              rows * stride);
    }
  });
}

template <typename T>
UnitRows<T> UnitTraining<T>::unit_rows(const Group& group, std::int64_t unit, T* scratch) {
  const std::int64_t place = unit - group.first;
  return {.rows = batch_->rows,
          .layers = layout_.layers.data(),
          .layer_count = static_cast<std::int64_t>(layout_.layers.size()),
          .kept = nullptr,
          .keep = 1 - settings_.dropout,
          .parameters = parameters_.data() + unit * layout_.parameters,
          .statistics = nullptr,
          .x = x_.data() + place * batch_->rows * rows_sizes_.x_stride,
          .x_stride = rows_sizes_.x_stride,
          .memory = memory_.data() + place * rows_sizes_.memory,
          .scratch = scratch};
}

// What dropout keeps of all hidden layers of a unit.
template <typename T>
Buffer<std::uint8_t> UnitTraining<T>::kept_bits(std::int64_t unit) const {
  const std::int64_t rows = batch_->rows;
  std::int64_t bytes = 0;
  for (std::size_t l = 0; l + 1 < layout_.layers.size(); ++l) {
    bytes += rows * padded(layout_.layers[l].outputs) / 8;
  }
  Buffer<std::uint8_t> kept(bytes);
  std::uint8_t* to = kept.data();
  for (std::size_t l = 0; l + 1 < layout_.layers.size(); ++l) {
    const std::int64_t nodes = layout_.layers[l].outputs;
    const DropoutParams params{.probability = settings_.dropout,
                               .seed = settings_.seed,
                               .step = batch_->step,
                               .stream = settings_.first_stream + static_cast<std::uint32_t>(l)};
    // Two pages of keys reach 2^33 elements beyond the first row.
    const std::int64_t row_step = sizes_.units * nodes;
    const std::int64_t at_once = std::max<std::int64_t>(1, (std::int64_t{1} << 32) / row_step);
    for (std::int64_t begin = 0; begin < rows; begin += at_once) {
      const auto first = static_cast<std::uint64_t>(begin * row_step + unit * nodes);
      const std::uint64_t page = first >> 33;
      const std::int64_t count = std::min(at_once, rows - begin);
      loops_.kept_bits({.rows = count,
                        .nodes = nodes,
                        .columns = padded(nodes),
                        .first = first,
                        .row_step = static_cast<std::uint64_t>(row_step),
                        .keys = {dropout_keys(params, page), dropout_keys(params, page + 1)},
                        .threshold = dropout_threshold(settings_.dropout),
                        .kept = to});
      to += count * padded(nodes) / 8;
    }
  }
  return kept;
}

template <typename T>
void UnitTraining<T>::forward_group(const Group& group, T* outputs, bool move_statistics) {
  convolve(group);
  const std::int64_t units = sizes_.units;
  const std::int64_t rows = batch_->rows;
  if (layout_.layers.empty()) {
    parallel_for(group.count, [&](std::int64_t place) {
      for (std::int64_t row = 0; row < rows; ++row) {
        outputs[row * units + group.first + place] =
            x_[(place * rows + row) * rows_sizes_.x_stride];
      }
    });
    return;
  }
  parallel_for(group.count, [&](std::int64_t place) {
    const std::int64_t unit = group.first + place;
    Buffer<T> scratch(rows_sizes_.scratch);
    const Buffer<std::uint8_t> kept = kept_bits(unit);
    UnitRows<T> u = unit_rows(group, unit, scratch.data());
    u.kept = kept.data();
    if (move_statistics) u.statistics = statistics_.data() + unit * layout_.statistics;
    (path_ == HiddenPath::masked ? loops_.masked_forward : loops_.dense_forward)(u, outputs + unit,
                                                                                 units);
  });
}

template <typename T>
void UnitTraining<T>::forward(const std::uint8_t* bases, std::int64_t rows, std::uint32_t step,
                              T* outputs) {
  require(rows >= 2, "unit pass", "training needs at least two rows, not ", rows);
  batch_.reset();
  batch_.emplace(Batch{bases, rows, step, EncodedRows(bases, rows, sizes_.length),
                       window_moments(bases, rows, sizes_.length, sizes_.filter, settings_.set)});
  rows_sizes_ = {.x_stride = padded(sizes_.pooled()), .memory = 0, .scratch = 0};
  if (!layout_.layers.empty()) {
    rows_sizes_ = loops_.rows_sizes(path_, rows, layout_.layers.data(),
                                    static_cast<std::int64_t>(layout_.layers.size()));
  }
  const std::int64_t unit_values = rows * rows_sizes_.x_stride;
  const std::int64_t unit_bytes =
      unit_values * static_cast<std::int64_t>(sizeof(T) + sizeof(std::int32_t)) +
      rows_sizes_.memory * static_cast<std::int64_t>(sizeof(T));
  group_units_ =
      std::max<std::int64_t>(1, settings_.pooled_bytes / unit_bytes / kBlockUnits) * kBlockUnits;
  group_units_ = std::min(group_units_, sizes_.units);
  const std::int64_t values =
      (group_units_ + kBlockUnits - 1) / kBlockUnits * kBlockUnits * unit_values;
  if (x_.size() != values) {
    x_ = Buffer<T>(values);
    places_ = Buffer<std::int32_t>(values);
  }
  if (memory_.size() != group_units_ * rows_sizes_.memory) {
    memory_ = Buffer<T>(group_units_ * rows_sizes_.memory);
  }
  parallel_for((sizes_.units + kBlockUnits - 1) / kBlockUnits,
               [&](std::int64_t block) { fold_block(block); });
  for (std::int64_t first = 0; first < sizes_.units; first += group_units_) {
    forward_group({first, std::min(group_units_, sizes_.units - first)}, outputs, true);
  }
}

// Of one unit; 0 wherever the backward pass writes nothing. It writes all of the layers' matrices.
template <typename T>
Buffer<T> UnitTraining<T>::empty_gradients() const {
  Buffer<T> gradients(layout_.parameters);
  std::int64_t end = 0;
  for (const UnitLayer& layer : layout_.layers) {
    std::fill(gradients.begin() + end, gradients.begin() + layer.w, T{0});
    end = layer.w + (layer.outputs == 1 ? 0 : layer.inputs * layer.stride);
  }
  std::fill(gradients.begin() + end, gradients.end(), T{0});
  return gradients;
}

// Gradients of filter and gamma from dx, those of the largest scores, 0 in the padding.
template <typename T>
void UnitTraining<T>::convolution_gradient(std::int64_t unit, const T* dx, std::int64_t dx_stride,
                                           const std::int32_t* places, T* gradients) const {
  const UnitLayer& layer = layout_.convolution;
  const WindowMoments& moments = batch_->moments;
  const T* const parameters = parameters_.data() + unit * layout_.parameters;
  const double* const cw = cw_.data() + unit * layer.stride;
  const Statistics& of = of_scores_[unit];
  Buffer<T> sums(table_count(sizes_.filter) * 4 * kMer);
  loops_.window_sums({.rows = batch_->rows,
                      .pooled = sizes_.pooled(),
                      .filter = sizes_.filter,
                      .values = dx,
                      .places = places,
                      .value_row = dx_stride,
                      .sequences = batch_->encoded.data(),
                      .sums = sums.data()});
  const double sum_dy = loops_.total(batch_->rows * dx_stride, dx);
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

template <typename T>
template <typename Apply>
void UnitTraining<T>::backward_group(const Group& group, const T* d_outputs, const Apply& apply) {
  const std::int64_t rows = batch_->rows;
  const std::int64_t stride = rows_sizes_.x_stride;
  parallel_for(group.count, [&](std::int64_t place) {
    const std::int64_t unit = group.first + place;
    Buffer<T> gradients = empty_gradients();
    Buffer<T> dx(rows * stride);
    const std::int32_t* const places = places_.data() + place * rows * stride;
    double d_beta = 0;
    if (layout_.layers.empty()) {
      const T* const x = x_.data() + place * rows * stride;
      std::fill(dx.begin(), dx.end(), T{0});
      for (std::int64_t row = 0; row < rows; ++row) {
        dx[row * stride] = d_outputs[row * sizes_.units + unit] * x[row * stride];
        d_beta += static_cast<double>(dx[row * stride]);
      }
    } else {
      Buffer<T> scratch(rows_sizes_.scratch);
      UnitRows<T> u = unit_rows(group, unit, scratch.data());
      if (path_ == HiddenPath::masked) {
        d_beta =
            loops_.masked_backward(u, d_outputs + unit, sizes_.units, gradients.data(), dx.data());
      } else {
        const Buffer<std::uint8_t> kept = kept_bits(unit);
        u.kept = kept.data();
        d_beta =
            loops_.dense_backward(u, d_outputs + unit, sizes_.units, gradients.data(), dx.data());
      }
    }
    convolution_gradient(unit, dx.data(), stride, places, gradients.data());
    gradients[layout_.convolution.beta] = static_cast<T>(d_beta);
    apply(unit, gradients.data());
  });
}

template <typename T>
template <typename Apply>
void UnitTraining<T>::backward_all(const T* d_outputs, const Apply& apply) {
  require(batch_.has_value(), "unit pass", "backward() without forward()");
  if (group_units_ == sizes_.units) {
    backward_group({0, sizes_.units}, d_outputs, apply);
  } else {
    Buffer<T> outputs(batch_->rows * sizes_.units);
    for (std::int64_t first = 0; first < sizes_.units; first += group_units_) {
      const Group group{first, std::min(group_units_, sizes_.units - first)};
      forward_group(group, outputs.data(), false);
      backward_group(group, d_outputs, apply);
    }
  }
  batch_.reset();
}

template <typename T>
void UnitTraining<T>::backward(const T* d_outputs, T* gradients) {
  backward_all(d_outputs, [&](std::int64_t unit, const T* of_unit) {
    std::copy_n(of_unit, layout_.parameters, gradients + unit * layout_.parameters);
  });
}

template <typename T>
void UnitTraining<T>::adam_step(const T* d_outputs, const AdamParams& p, T* m, T* v) {
  const AdamFactors<T> factors(p);
  backward_all(d_outputs, [&](std::int64_t unit, const T* gradients) {
    const std::int64_t at = unit * layout_.parameters;
    loops_.adam(factors, layout_.parameters, gradients, m + at, v + at, parameters_.data() + at);
  });
}

template <typename T>
void UnitTraining<T>::sgd_step(const T* d_outputs, const SgdParams& p, T* velocity) {
  backward_all(d_outputs, [&](std::int64_t unit, const T* gradients) {
    const std::int64_t at = unit * layout_.parameters;
    loops_.sgd(p, layout_.parameters, gradients, velocity == nullptr ? nullptr : velocity + at,
               parameters_.data() + at);
  });
}

template class UnitTraining<float>;
template class UnitTraining<double>;

}  // namespace explainn::kernels
