// The layers of a unit as dense products: each hidden layer is z = batch norm(h w'), h' = ReLU(z)
// where dropout keeps it, scaled by 1 / keep. The activations are computed again in the backward
// pass, so that nothing of the size B x H outlives one unit. Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/product_source.h"
#include "kernels/unit_pass/rows_source.h"
#include "kernels/unit_pass/transpose_source.h"

namespace explainn::kernels {
namespace {

template <typename T>
struct DenseMemory {
  UnitOutput<T> output;
  std::int64_t size;

  DenseMemory(T* memory, std::int64_t rows) {
    Stretch<T> stretch{memory};
    output = UnitOutput<T>::in(stretch, rows);
    size = stretch.used;
  }
};

// One hidden layer's share of the scratch.
template <typename T>
struct DenseLayer {
  double* mean;   // [columns]
  double* scale;  // [columns], 1 / s
  T* y;           // [B][columns], the product
  T* h;           // [B][columns], what the next layer reads

  static DenseLayer in(Stretch<T>& scratch, std::int64_t rows, std::int64_t columns) {
    DenseLayer result;
    result.mean = scratch.template take_as<double>(columns);
    result.scale = scratch.template take_as<double>(columns);
    result.y = scratch.take(rows * columns);
    result.h = scratch.take(rows * columns);
    return result;
  }
};

template <typename T>
struct DenseScratch {
  static constexpr std::int64_t kMost = 16;  // hidden layers

  DenseLayer<T> layer[kMost];
  T* transposed;   // [outputs][padded(inputs)] of one layer
  T* dv;           // [B]
  T* dh;           // [B][widest]
  T* dy;           // [B][widest]
  double* sum_dy;  // [widest]
  double* sum_dyx;
  std::int64_t size;

  DenseScratch(T* scratch, std::int64_t rows, std::int64_t x_stride, const UnitLayer* layers,
               std::int64_t count) {
    Stretch<T> stretch{scratch};
    std::int64_t widest = x_stride;
    std::int64_t largest = 0;
    for (std::int64_t l = 0; l + 1 < count; ++l) {
      const std::int64_t columns = padded(layers[l].outputs);
      layer[l] = DenseLayer<T>::in(stretch, rows, columns);
      if (columns > widest) widest = columns;
      const std::int64_t turned = columns * padded(layers[l].inputs);
      if (turned > largest) largest = turned;
    }
    transposed = stretch.take(largest);
    dv = stretch.take(rows);
    dh = stretch.take(rows * widest);
    dy = stretch.take(rows * widest);
    sum_dy = stretch.template take_as<double>(widest);
    sum_dyx = stretch.template take_as<double>(widest);
    size = stretch.used;
  }
};

inline bool bit_at(const std::uint8_t* bits, std::int64_t i) {
  return ((static_cast<unsigned>(bits[i / 8]) >> (i % 8)) & 1U) != 0;
}

// normal and h of layer l from the values before it. `statistics` null: running ones stay.
template <typename T, int Bytes>
void dense_layer(const UnitRows<T>& u, const UnitLayer& layer, const std::uint8_t* kept, const T* x,
                 std::int64_t x_stride, const DenseLayer<T>& to, T* statistics) {
  const std::int64_t columns = padded(layer.outputs);
  const auto count = static_cast<double>(u.rows);
  const T* const w = u.parameters + layer.w;
  product<T, Bytes>(
      {u.rows, layer.inputs, columns, x, x_stride, 1, w, columns, to.y, columns, false});
  column_sums<T, Bytes>(u.rows, columns, to.y, columns, to.mean);
  for (std::int64_t o = 0; o < columns; ++o) {
    to.mean[o] /= count;
    to.scale[o] = 0;
  }
  for (std::int64_t r = 0; r < u.rows; ++r) {
    const T* const y = to.y + r * columns;
    for (std::int64_t o = 0; o < columns; ++o) {
      const double centred = static_cast<double>(y[o]) - to.mean[o];
      to.scale[o] += centred * centred;
    }
  }
  for (std::int64_t o = 0; o < columns; ++o) {
    const double variance = to.scale[o] / count;
    to.scale[o] = 1 / square_root(variance + kNormEps);
    if (statistics != nullptr && o < layer.outputs) {
      move_running(statistics[layer.mean + o],
                   to.mean[o] + static_cast<double>(statistics[layer.bias + o]));
      move_running(statistics[layer.variance + o], variance * count / (count - 1));
    }
  }
  const T* const gamma = u.parameters + layer.gamma;
  const T* const beta = u.parameters + layer.beta;
  const T raise = static_cast<T>(1 / u.keep);
  for (std::int64_t r = 0; r < u.rows; ++r) {
    const T* const y = to.y + r * columns;
    T* const h = to.h + r * columns;
    for (std::int64_t o = 0; o < columns; ++o) {
      const double normal = (static_cast<double>(y[o]) - to.mean[o]) * to.scale[o];
      // Padding: 0.
      const auto z =
          static_cast<T>(static_cast<double>(gamma[o]) * normal + static_cast<double>(beta[o]));
      h[o] = bit_at(kept, r * columns + o) && !(z < 0) ? raise * z : T{0};
    }
  }
}

// All hidden layers; returns the values before the last one and their stride.
template <typename T>
struct DenseValues {
  const T* x;
  std::int64_t stride;
};

template <typename T, int Bytes>
DenseValues<T> dense_hidden(const UnitRows<T>& u, const DenseScratch<T>& scratch, T* statistics) {
  DenseValues<T> values{u.x, u.x_stride};
  const std::uint8_t* kept = u.kept;
  for (std::int64_t l = 0; l + 1 < u.layer_count; ++l) {
    const std::int64_t columns = padded(u.layers[l].outputs);
    dense_layer<T, Bytes>(u, u.layers[l], kept, values.x, values.stride, scratch.layer[l],
                          statistics);
    kept += u.rows * (columns / 8);
    values = {scratch.layer[l].h, columns};
  }
  return values;
}

template <typename T, int Bytes>
void dense_forward(const UnitRows<T>& u, T* output) {
  const DenseMemory<T> memory(u.memory, u.rows);
  const DenseScratch<T> scratch(u.scratch, u.rows, u.x_stride, u.layers, u.layer_count);
  const UnitLayer& last = u.layers[u.layer_count - 1];
  const DenseValues<T> values = dense_hidden<T, Bytes>(u, scratch, u.statistics);
  for (std::int64_t r = 0; r < u.rows; ++r) {
    memory.output.v[r] =
        dot<T, Bytes>(last.stride, u.parameters + last.w, values.x + r * values.stride);
  }
  memory.output.template forward<Bytes>(u, output);
}

// From dh, the gradient of what layer l gave the next one, to that of its product (dy), and the
// layer's own gradients.
template <typename T, int Bytes>
double dense_layer_backward(const UnitRows<T>& u, const UnitLayer& layer,
                            const DenseValues<T>& before, const DenseScratch<T>& scratch,
                            const DenseLayer<T>& of, T* gradients) {
  const std::int64_t columns = padded(layer.outputs);
  const auto count = static_cast<double>(u.rows);
  const T raise = static_cast<T>(1 / u.keep);
  for (std::int64_t o = 0; o < columns; ++o) scratch.sum_dy[o] = scratch.sum_dyx[o] = 0;
  for (std::int64_t r = 0; r < u.rows; ++r) {
    T* const dz = scratch.dh + r * columns;
    const T* const h = of.h + r * columns;
    const T* const y = of.y + r * columns;
    for (std::int64_t o = 0; o < columns; ++o) {
      dz[o] = h[o] > 0 ? raise * dz[o] : T{0};
      scratch.sum_dy[o] += static_cast<double>(dz[o]);
      scratch.sum_dyx[o] +=
          static_cast<double>(dz[o]) * (static_cast<double>(y[o]) - of.mean[o]) * of.scale[o];
    }
  }
  for (std::int64_t o = 0; o < layer.outputs; ++o) {
    gradients[layer.gamma + o] = static_cast<T>(scratch.sum_dyx[o]);
    gradients[layer.beta + o] = static_cast<T>(scratch.sum_dy[o]);
  }
  const T* const gamma = u.parameters + layer.gamma;
  for (std::int64_t r = 0; r < u.rows; ++r) {
    const T* const dz = scratch.dh + r * columns;
    const T* const y = of.y + r * columns;
    T* const dy = scratch.dy + r * columns;
    for (std::int64_t o = 0; o < columns; ++o) {
      const double centred =
          static_cast<double>(dz[o]) - scratch.sum_dy[o] / count -
          (static_cast<double>(y[o]) - of.mean[o]) * of.scale[o] * (scratch.sum_dyx[o] / count);
      dy[o] = static_cast<T>(static_cast<double>(gamma[o]) * of.scale[o] * centred);
    }
  }
  product<T, Bytes>({layer.inputs, u.rows, columns, before.x, 1, before.stride, scratch.dy, columns,
                     gradients + layer.w, columns, false});
  double log_gradients = 0;
  for (std::int64_t o = 0; o < layer.outputs; ++o) {
    log_gradients +=
        sum_of_log_gradients(static_cast<double>(gamma[o]), scratch.sum_dyx[o], of.scale[o]);
  }
  return log_gradients;
}

// As masked_backward.
template <typename T, int Bytes>
double dense_backward(const UnitRows<T>& u, const T* output, const T* d_output, T* gradients, T* dx) {
  const DenseMemory<T> memory(u.memory, u.rows);
  const DenseScratch<T> scratch(u.scratch, u.rows, u.x_stride, u.layers, u.layer_count);
  const UnitLayer& last = u.layers[u.layer_count - 1];
  const DenseValues<T> values = dense_hidden<T, Bytes>(u, scratch, nullptr);

  // That of the last layer gone through stands: the first one that reads the pooled values.
  double log_gradients = memory.output.template backward<Bytes>(u, output, d_output, scratch.dv, gradients);
  product<T, Bytes>({1, u.rows, last.stride, scratch.dv, 1, 1, values.x, values.stride,
                     gradients + last.w, last.stride, false});
  const T* const w = u.parameters + last.w;
  T* const first = u.layer_count == 1 ? dx : scratch.dh;
  for (std::int64_t r = 0; r < u.rows; ++r) {
    for (std::int64_t i = 0; i < last.stride; ++i) {
      first[r * values.stride + i] = scratch.dv[r] * w[i];
    }
  }
  for (std::int64_t l = u.layer_count - 1; l-- > 0;) {
    const UnitLayer& layer = u.layers[l];
    const std::int64_t columns = padded(layer.outputs);
    const DenseValues<T> before =
        l == 0 ? DenseValues<T>{u.x, u.x_stride}
               : DenseValues<T>{scratch.layer[l - 1].h, padded(u.layers[l - 1].outputs)};
    log_gradients =
        dense_layer_backward<T, Bytes>(u, layer, before, scratch, scratch.layer[l], gradients);
    const std::int64_t inputs = padded(layer.inputs);
    transpose_padded(layer.inputs, columns, u.parameters + layer.w, columns, scratch.transposed,
                     inputs);
    product<T, Bytes>({u.rows, layer.outputs, inputs, scratch.dy, columns, 1, scratch.transposed,
                       inputs, l == 0 ? dx : scratch.dh, before.stride, false});
  }
  const std::int64_t inputs = u.layers[0].inputs;
  for (std::int64_t r = 0; r < u.rows; ++r) {
    for (std::int64_t q = 0; q < inputs; ++q) dx[r * u.x_stride + q] *= u.x[r * u.x_stride + q];
  }
  return log_gradients;
}

}  // namespace
}  // namespace explainn::kernels
