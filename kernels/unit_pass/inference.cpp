#include "kernels/unit_pass/inference.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/unit_pass/encoded_rows.h"

namespace explainn::kernels {
namespace {

// Rows that a block's units compute together: their pooled values stay in a core's own cache.
// A multiple of the rows of every tile.
constexpr std::int64_t kRowsOfTask = 24;

}  // namespace

UnitInference::UnitInference(const UnitSizes& sizes, const float* filters, const float* shifts,
                             const std::vector<FoldedUnitLayer>& layers, InstructionSet set)
    : sizes_(sizes), loops_(loops<float>(set)), tables_(sizes, set) {
  const std::int64_t filter = sizes.filter;
  for (std::int64_t u = 0; u < sizes.units; ++u) {
    const std::int64_t block = u / kBlockUnits;
    const std::int64_t lane = u % kBlockUnits;
    tables_.shifts(block)[lane] = shifts[u];
    float* const letters = tables_.letters(block);
    for (std::int64_t k = 0; k < filter; ++k) {
      for (std::int64_t base = 0; base < 4; ++base) {
        letters[(k * 4 + base) * kBlockUnits + lane] = filters[(u * 4 + base) * filter + k];
      }
    }
  }
  parallel_for(tables_.blocks(), [&](std::int64_t block) { tables_.make(block); });

  std::int64_t inputs = sizes.pooled();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const FoldedUnitLayer& layer = layers[i];
    const bool is_last = i + 1 == layers.size();
    require(layer.inputs == inputs && (layer.outputs == 1) >= is_last, "unit inference", "layer ",
            i, " is [", layer.outputs, ", ", layer.inputs, "] after ", inputs, " values");
    inputs = layer.outputs;
    if (is_last) {
      const std::int64_t columns = padded(layer.inputs);
      last_ = Buffer<float>(sizes.units * columns);
      std::fill(last_.begin(), last_.end(), 0.0F);
      last_bias_ = Buffer<float>(sizes.units);
      for (std::int64_t u = 0; u < sizes.units; ++u) {
        last_bias_[u] = layer.bias[u];
        std::copy_n(layer.w + u * layer.inputs, layer.inputs, last_.data() + u * columns);
      }
      break;
    }
    const std::int64_t columns = padded(layer.outputs);
    Layer own{layer.inputs, layer.outputs, columns,
              Buffer<float>(sizes.units * layer.inputs * columns),
              Buffer<float>(sizes.units * columns)};
    std::fill(own.w.begin(), own.w.end(), 0.0F);
    std::fill(own.bias.begin(), own.bias.end(), 0.0F);
    for (std::int64_t row = 0; row < sizes.units * layer.outputs; ++row) {
      const std::int64_t u = row / layer.outputs;
      const std::int64_t o = row % layer.outputs;
      own.bias[u * columns + o] = layer.bias[row];
      for (std::int64_t k = 0; k < layer.inputs; ++k) {
        own.w[(u * layer.inputs + k) * columns + o] = layer.w[row * layer.inputs + k];
      }
    }
    layers_.push_back(std::move(own));
  }
  require(inputs == 1, "unit inference", "the units end with ", inputs, " values, not with one");
}

// One unit from pooled values [rows, padded(Q)] to result [rows].
void UnitInference::unit_rows(std::int64_t unit, std::int64_t rows, const float* pooled,
                              float* result) const {
  if (!last_) {
    for (std::int64_t row = 0; row < rows; ++row) result[row] = pooled[row * kRowPadding];
    return;
  }
  const float* x = pooled;
  std::int64_t stride = padded(sizes_.pooled());
  Buffer<float> hidden[2];
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    Buffer<float>& y = hidden[i % 2];
    y = Buffer<float>(rows * layer.columns);
    loops_.layer(rows, layer.inputs, layer.columns, x, stride,
                 layer.w.data() + unit * layer.inputs * layer.columns,
                 layer.bias.data() + unit * layer.columns, y.data());
    x = y.data();
    stride = layer.columns;
  }
  const std::int64_t columns = last_.size() / sizes_.units;
  const float* const last = last_.data() + unit * columns;
  if (layers_.empty()) {
    for (std::int64_t row = 0; row < rows; ++row) {
      float sum = 0;
      for (std::int64_t i = 0; i < sizes_.pooled(); ++i) sum += x[row * stride + i] * last[i];
      result[row] = sum;
    }
  } else {
    const Layer& layer = layers_.back();
    loops_.layer_and_sum(rows, layer.inputs, layer.columns, x, stride,
                         layer.w.data() + unit * layer.inputs * layer.columns,
                         layer.bias.data() + unit * layer.columns, last, result);
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    const float sum = result[row] + last_bias_[unit];
    result[row] = sum < 0 ? 0 : sum;  // keeps NaN
  }
}

void UnitInference::outputs(const std::uint8_t* bases, std::int64_t rows, float* outputs) const {
  const std::int64_t stride = padded(sizes_.pooled());
  const EncodedRows encoded(bases, rows, sizes_.length);
  const std::int64_t parts = (rows + kRowsOfTask - 1) / kRowsOfTask;
  parallel_for(tables_.blocks() * parts, [&](std::int64_t task) {
    const std::int64_t block = task / parts;
    const std::int64_t begin = task % parts * kRowsOfTask;
    const std::int64_t count = std::min(kRowsOfTask, rows - begin);
    Buffer<float> pooled(kBlockUnits * count * stride);
    tables_.pool(block, count, encoded.data() + begin, {.row = stride, .unit = count * stride},
                 pooled.data(), nullptr);
    const std::int64_t units = tables_.units(block);
    float result[kRowsOfTask];
    for (std::int64_t u = 0; u < units; ++u) {
      const std::int64_t unit = block * kBlockUnits + u;
      unit_rows(unit, count, pooled.data() + u * count * stride, result);
      for (std::int64_t row = 0; row < count; ++row) {
        outputs[(begin + row) * sizes_.units + unit] = result[row];
      }
    }
  });
}

void UnitInference::activations(const std::uint8_t* bases, std::int64_t rows,
                                float* activations) const {
  const std::int64_t n = sizes_.positions();
  const EncodedRows encoded(bases, rows, sizes_.length);
  parallel_for(tables_.blocks() * rows, [&](std::int64_t task) {
    const std::int64_t block = task % tables_.blocks();
    const std::int64_t row = task / tables_.blocks();
    Buffer<float> scores(n * kBlockUnits);
    tables_.activations(block, encoded[row], scores.data());
    const std::int64_t units = tables_.units(block);
    for (std::int64_t u = 0; u < units; ++u) {
      float* const to = activations + (row * sizes_.units + block * kBlockUnits + u) * n;
      for (std::int64_t t = 0; t < n; ++t) to[t] = scores[t * kBlockUnits + u];
    }
  });
}

}  // namespace explainn::kernels
