#include "kernels/unit_pass/training.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::kernels {
namespace {

// Above this the products with the covariance cost more than those with the rows.
constexpr std::int64_t kMostMaskedInputs = 224;
// Rows of a part of a block's convolution.
constexpr std::int64_t kRowsOfTask = 32;
// Side of the squares in which matrices are transposed.
constexpr std::int64_t kSide = 16;

HiddenPath path_for(const UnitLayout& layout, const UnitTrainingSettings& settings) {
  const bool possible = layout.layers.size() == 2;
  const bool masked = possible && layout.layers[0].inputs <= kMostMaskedInputs;
  const HiddenPath path = settings.path.value_or(masked ? HiddenPath::masked : HiddenPath::dense);
  require(possible || path == HiddenPath::dense, "unit pass",
          "the masked path is for two layers, not for ", layout.layers.size());
  return path;
}

// to [columns][to_stride] = the transposed of from [rows][from_stride].
template <typename T>
void transpose(std::int64_t rows, std::int64_t columns, const T* from, std::int64_t from_stride,
               T* to, std::int64_t to_stride) {
  parallel_blocks(columns, kSide, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = 0; first < rows; first += kSide) {
      const std::int64_t last = std::min(first + kSide, rows);
      for (std::int64_t column = begin; column < end; ++column) {
        for (std::int64_t row = first; row < last; ++row) {
          to[column * to_stride + row] = from[row * from_stride + column];
        }
      }
    }
  });
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
      path_(path_for(layout_, settings)),
      parameters_(zeros<T>(sizes.units * layout_.parameters)),
      statistics_(zeros<T>(sizes.units * layout_.statistics)),
      convolution_(sizes, layout_, settings.set) {
  require(sizes.pool <= kMostPooled, "unit pass", "a pool of ", sizes.pool,
          " positions has more than ", kMostPooled);
}

template <typename T>
UnitRows<T> UnitTraining<T>::unit_rows(std::int64_t unit, std::int64_t first_of_group, T* scratch) {
  const std::int64_t place = unit - first_of_group;
  return {.rows = batch_->rows,
          .layers = layout_.layers.data(),
          .layer_count = static_cast<std::int64_t>(layout_.layers.size()),
          .kept = nullptr,
          .keep = 1 - settings_.dropout,
          .parameters = parameters_.data() + unit * layout_.parameters,
          .statistics = nullptr,
          .x = x_.data() + place * unit_stride_,
          .x_stride = rows_sizes_.x_stride,
          .memory = memory_.data() + place * rows_sizes_.memory,
          .scratch = scratch};
}

template <typename T>
std::int64_t UnitTraining<T>::kept_bytes() const {
  std::int64_t bytes = 0;
  for (std::size_t l = 0; l + 1 < layout_.layers.size(); ++l) {
    bytes += batch_->rows * padded(layout_.layers[l].outputs) / 8;
  }
  return bytes;
}

// What dropout keeps of all hidden layers of a unit.
template <typename T>
void UnitTraining<T>::draw_kept_bits(std::int64_t unit, std::uint8_t* to) const {
  const std::int64_t rows = batch_->rows;
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
}

// A block's layers follow its convolution while the pooled values are in the core's cache. Blocks
// that would leave threads idle are computed in smaller parts instead.
template <typename T>
void UnitTraining<T>::forward_group(const UnitRange& group, bool move_statistics) {
  const auto layers_of = [&](std::int64_t first, std::int64_t count) {
    forward_layers({group.first + first, count}, group.first, move_statistics);
  };
  const std::int64_t blocks = (group.count + kBlockUnits - 1) / kBlockUnits;
  const std::int64_t whole = blocks - blocks % thread_count();
  const std::int64_t rows = batch_->rows;
  parallel_for(whole, [&](std::int64_t block) {
    const std::int64_t first = block * kBlockUnits;
    pool(group.first + first, group.first, 0, rows);
    layers_of(first, std::min(kBlockUnits, group.count - first));
  });
  const std::int64_t row_parts = (rows + kRowsOfTask - 1) / kRowsOfTask;
  parallel_for((blocks - whole) * row_parts, [&](std::int64_t task) {
    const std::int64_t part = task % row_parts;
    pool(group.first + (whole + task / row_parts) * kBlockUnits, group.first,
         rows * part / row_parts, rows * (part + 1) / row_parts);
  });
  const std::int64_t done = std::min(whole * kBlockUnits, group.count);
  parallel_for(group.count - done, [&](std::int64_t i) { layers_of(done + i, 1); });
}

// Pooled values of the block that begins with `unit`, of rows begin .. end - 1.
template <typename T>
void UnitTraining<T>::pool(std::int64_t unit, std::int64_t first_of_group, std::int64_t begin,
                           std::int64_t end) {
  const std::int64_t at = (unit - first_of_group) * unit_stride_ + begin * rows_sizes_.x_stride;
  convolution_.tables().pool(unit / kBlockUnits, end - begin, batch_->encoded.data() + begin,
                             {rows_sizes_.x_stride, unit_stride_}, x_.data() + at,
                             places_.data() + at);
}

// From the pooled values of some units to their outputs.
template <typename T>
void UnitTraining<T>::forward_layers(const UnitRange& units, std::int64_t first_of_group,
                                     bool move_statistics) {
  Buffer<T> scratch(rows_sizes_.scratch);
  Buffer<std::uint8_t> kept(kept_bytes());
  for (std::int64_t unit = units.first; unit < units.first + units.count; ++unit) {
    UnitRows<T> u = unit_rows(unit, first_of_group, scratch.data());
    T* const outputs = outputs_.data() + unit * output_stride_;
    if (layout_.layers.empty()) {
      for (std::int64_t row = 0; row < u.rows; ++row) outputs[row] = u.x[row * u.x_stride];
      continue;
    }
    draw_kept_bits(unit, kept.data());
    u.kept = kept.data();
    if (move_statistics) u.statistics = statistics_.data() + unit * layout_.statistics;
    (path_ == HiddenPath::masked ? loops_.masked_forward : loops_.dense_forward)(u, outputs);
  }
}

template <typename T>
void UnitTraining<T>::forward(const std::uint8_t* bases, std::int64_t rows, std::uint32_t step,
                              T* outputs) {
  require(rows >= 2, "unit pass", "training needs at least two rows, not ", rows);
  batch_.reset();
  batch_.emplace(Batch{bases, rows, step, EncodedRows(bases, rows, sizes_.length),
                       window_moments(bases, rows, sizes_.length, sizes_.filter, settings_.set)});
  batch_->encoded.add_tetramers();
  rows_sizes_ = {.x_stride = padded(sizes_.pooled()), .memory = 0, .scratch = 0};
  if (!layout_.layers.empty()) {
    rows_sizes_ = loops_.rows_sizes(path_, rows, layout_.layers.data(),
                                    static_cast<std::int64_t>(layout_.layers.size()));
  }
  // An odd number of cache lines: 16 units that are written side by side then lie in different
  // sets.
  unit_stride_ = (rows * rows_sizes_.x_stride / kRowPadding | 1) * kRowPadding;
  const std::int64_t unit_bytes =
      unit_stride_ * static_cast<std::int64_t>(sizeof(T) + sizeof(PoolPlace)) +
      rows_sizes_.memory * static_cast<std::int64_t>(sizeof(T));
  group_units_ =
      std::max<std::int64_t>(1, settings_.pooled_bytes / unit_bytes / kBlockUnits) * kBlockUnits;
  group_units_ = std::min(group_units_, sizes_.units);
  const std::int64_t values =
      (group_units_ + kBlockUnits - 1) / kBlockUnits * kBlockUnits * unit_stride_;
  if (x_.size() != values) {
    x_ = Buffer<T>(values);
    places_ = Buffer<PoolPlace>(values);
  }
  output_stride_ = padded(rows);
  if (outputs_.size() != sizes_.units * output_stride_) {
    outputs_ = Buffer<T>(sizes_.units * output_stride_);
    d_outputs_ = Buffer<T>(sizes_.units * output_stride_);
  }
  if (memory_.size() != group_units_ * rows_sizes_.memory) {
    memory_ = Buffer<T>(group_units_ * rows_sizes_.memory);
  }
  convolution_.fold(batch_->moments, parameters_.data(), statistics_.data());
  for (std::int64_t first = 0; first < sizes_.units; first += group_units_) {
    forward_group({first, std::min(group_units_, sizes_.units - first)}, true);
  }
  transpose(sizes_.units, rows, outputs_.data(), output_stride_, outputs, sizes_.units);
}

// 0 wherever the backward pass writes nothing. It writes all of the layers' matrices.
template <typename T>
void UnitTraining<T>::clear_gradients(T* gradients) const {
  std::int64_t end = 0;
  for (const UnitLayer& layer : layout_.layers) {
    std::fill(gradients + end, gradients + layer.w, T{0});
    end = layer.w + (layer.outputs == 1 ? 0 : layer.inputs * layer.stride);
  }
  std::fill(gradients + end, gradients + layout_.parameters, T{0});
}

template <typename T>
template <typename Apply>
void UnitTraining<T>::backward_group(const UnitRange& group, const Apply& apply) {
  // A few tasks a thread.
  const std::int64_t at_once = std::max<std::int64_t>(1, group.count / (8 * thread_count()));
  parallel_for_descending((group.count + at_once - 1) / at_once, [&](std::int64_t task) {
    Buffer<T> scratch(rows_sizes_.scratch);
    Buffer<std::uint8_t> kept(path_ == HiddenPath::masked ? 0 : kept_bytes());
    Buffer<T> gradients(layout_.parameters);
    Buffer<T> dx(batch_->rows * rows_sizes_.x_stride);
    for (std::int64_t i = std::min((task + 1) * at_once, group.count) - 1; i >= task * at_once;
         --i) {
      const std::int64_t unit = group.first + i;
      clear_gradients(gradients.data());
      UnitRows<T> u = unit_rows(unit, group.first, scratch.data());
      if (path_ != HiddenPath::masked) draw_kept_bits(unit, kept.data());
      u.kept = kept.data();
      const double d_beta = backward_layers(u, unit, gradients.data(), dx.data());
      convolution_.gradient(unit, batch_->encoded, batch_->moments, u.parameters,
                            {dx.data(), places_.data() + i * unit_stride_, u.x_stride},
                            gradients.data());
      gradients[layout_.convolution.beta] = static_cast<T>(d_beta);
      apply(unit, gradients.data());
    }
  });
}

// Gradients of the layers, and of the logarithms of the pooled values: dx. Returns their sum.
template <typename T>
double UnitTraining<T>::backward_layers(const UnitRows<T>& u, std::int64_t unit, T* gradients,
                                        T* dx) const {
  const T* const d_outputs = d_outputs_.data() + unit * output_stride_;
  if (!layout_.layers.empty()) {
    return (path_ == HiddenPath::masked ? loops_.masked_backward : loops_.dense_backward)(
        u, outputs_.data() + unit * output_stride_, d_outputs, gradients, dx);
  }
  std::fill_n(dx, u.rows * u.x_stride, T{0});
  double sum = 0;
  for (std::int64_t row = 0; row < u.rows; ++row) {
    const std::int64_t at = row * u.x_stride;
    dx[at] = d_outputs[row] * u.x[at];
    sum += static_cast<double>(dx[at]);
  }
  return sum;
}

template <typename T>
template <typename Apply>
void UnitTraining<T>::backward_all(const T* d_outputs, const Apply& apply) {
  require(batch_.has_value(), "unit pass", "backward() without forward()");
  transpose(batch_->rows, sizes_.units, d_outputs, sizes_.units, d_outputs_.data(), output_stride_);
  if (group_units_ == sizes_.units) {
    backward_group({0, sizes_.units}, apply);
  } else {
    for (std::int64_t first = 0; first < sizes_.units; first += group_units_) {
      const UnitRange group{first, std::min(group_units_, sizes_.units - first)};
      forward_group(group, false);
      backward_group(group, apply);
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
