// The hidden layer of two-layer units, Q pooled values -> H nodes -> 1, by bits and covariances.
//
// With one output a unit the gradient of a hidden node is G[b] w2[h] / keep where its bit is set,
// so the B x H activations are never stored: both backward products have a 0/1 matrix on one side.
// The batch norm's statistics come from the mean m and covariance C of the pooled values. With W
// the layer, s = sqrt(w'Cw + eps) and k = gamma / s of each node, X the centred rows:
//   forward    z = beta + X (k W)',  v = sum over open nodes of w2 z / keep
//   backward   D = sum over b of bit G X,  S = sum of bit G  (a column of ones beside X)
//              sum_dy = w2 S / keep,  sum_dyx = w2 (w.D) / (keep s)
//              dw2 = (k w.D + beta S) / keep,  dgamma = sum_dyx,  dbeta = sum_dy
//              dW = k (w2 D / keep - sum_dyx / s  C w)
//              dX = G (bits (k w2 W / keep)) - (k sum_dy / B) W - X W' diag(k sum_dyx / (s B)) W
// Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/chosen_sums_source.h"
#include "kernels/unit_pass/gated_layer_source.h"
#include "kernels/unit_pass/product_source.h"
#include "kernels/unit_pass/rows_source.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t octets(std::int64_t size) {
  return (size + 7) / 8 * 8;
}

// What the backward pass needs of the forward pass.
template <typename T>
struct MaskedMemory {
  UnitOutput<T> output;
  T* mean;             // [x_stride], m
  T* wc;               // [H][x_stride], W C
  T* s;                // [H]
  std::uint8_t* bits;  // [padded(H) / 8][octets(B)]
  std::int64_t size;

  MaskedMemory(T* memory, std::int64_t rows, std::int64_t x_stride, std::int64_t nodes) {
    Stretch<T> stretch{memory};
    output = UnitOutput<T>::in(stretch, rows);
    mean = stretch.take(x_stride);
    wc = stretch.take(nodes * x_stride);
    s = stretch.take(nodes);
    bits = stretch.template take_as<std::uint8_t>(padded(nodes) / 8 * octets(rows));
    size = stretch.used;
  }
};

template <typename T>
struct MaskedForwardScratch {
  double* mean;  // [x_stride]
  T* c;          // [Q][x_stride]
  T* w;          // [Q][padded(H)], k W transposed
  T* start;      // [padded(H)]
  T* last;       // [padded(H)]
  T* partial;    // [B][kRowPadding]
  std::int64_t size;

  MaskedForwardScratch(T* scratch, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
                       std::int64_t nodes) {
    Stretch<T> stretch{scratch};
    mean = stretch.template take_as<double>(x_stride);
    c = stretch.take(inputs * x_stride);
    w = stretch.take(inputs * padded(nodes));
    start = stretch.take(nodes);
    last = stretch.take(nodes);
    partial = stretch.take(rows * kRowPadding);
    size = stretch.used;
  }
};

template <typename T>
struct MaskedBackwardScratch {
  T* dv;               // [B]
  std::uint8_t* bits;  // [octets(B) / 8][padded(H)]
  T* values;           // [max(B, H)][x_stride]
  T* d;                // [H][x_stride]
  T* m;                // [Q + 1][x_stride]
  std::int64_t size;

  MaskedBackwardScratch(T* scratch, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
                        std::int64_t nodes) {
    Stretch<T> stretch{scratch};
    dv = stretch.take(rows);
    bits = stretch.template take_as<std::uint8_t>(octets(rows) / 8 * padded(nodes));
    values = stretch.take((rows > nodes ? rows : nodes) * x_stride);
    d = stretch.take(nodes * x_stride);
    m = stretch.take((inputs + 1) * x_stride);
    size = stretch.used;
  }
};

// x becomes x - mean, with a column of ones behind it for S and zeros behind that.
template <typename T>
void centre(const UnitRows<T>& u, std::int64_t inputs, double* mean) {
  column_sums(u.rows, inputs, u.x, u.x_stride, mean);
  for (std::int64_t q = 0; q < inputs; ++q) mean[q] /= static_cast<double>(u.rows);
  for (std::int64_t r = 0; r < u.rows; ++r) {
    T* const x = u.x + r * u.x_stride;
    for (std::int64_t q = 0; q < inputs; ++q) {
      x[q] = static_cast<T>(static_cast<double>(x[q]) - mean[q]);
    }
    x[inputs] = 1;
    for (std::int64_t q = inputs + 1; q < u.x_stride; ++q) x[q] = 0;
  }
}

template <typename T, int Bytes>
void masked_forward(const UnitRows<T>& u, T* output, std::int64_t output_step) {
  const UnitLayer& layer = u.layers[0];
  const UnitLayer& last = u.layers[1];
  const std::int64_t inputs = layer.inputs;
  const std::int64_t nodes = layer.outputs;
  const std::int64_t columns = padded(nodes);
  const std::int64_t xs = u.x_stride;
  const auto count = static_cast<double>(u.rows);
  const MaskedMemory<T> memory(u.memory, u.rows, xs, nodes);
  const MaskedForwardScratch<T> scratch(u.scratch, u.rows, inputs, xs, nodes);
  const T* const w = u.parameters + layer.w;

  centre(u, inputs, scratch.mean);
  for (std::int64_t q = 0; q < xs; ++q) {
    memory.mean[q] = q < inputs ? static_cast<T>(scratch.mean[q]) : T{0};
  }
  product<T, Bytes>({inputs, u.rows, xs, u.x, 1, xs, u.x, xs, scratch.c, xs, false});
  const T share = static_cast<T>(1 / count);
  for (std::int64_t q = 0; q < inputs; ++q) {
    for (std::int64_t i = 0; i < xs; ++i) scratch.c[q * xs + i] *= i < inputs ? share : T{0};
  }
  product<T, Bytes>({nodes, inputs, xs, w, layer.stride, 1, scratch.c, xs, memory.wc, xs, false});

  for (std::int64_t h = 0; h < columns; ++h) {
    const bool real = h < nodes;
    T k = 0;
    if (real) {
      const T* const row = w + h * layer.stride;
      const T variance = dot<T, Bytes>(layer.stride, row, memory.wc + h * xs);
      memory.s[h] = static_cast<T>(__builtin_sqrt(static_cast<double>(variance) + kNormEps));
      k = u.parameters[layer.gamma + h] / memory.s[h];
      if (u.statistics != nullptr) {
        const auto bias = static_cast<double>(u.statistics[layer.bias + h]);
        move_running(u.statistics[layer.mean + h],
                     static_cast<double>(dot<T, Bytes>(layer.stride, row, memory.mean)) + bias);
        move_running(u.statistics[layer.variance + h],
                     static_cast<double>(variance) * count / (count - 1));
      }
    }
    scratch.start[h] = real ? u.parameters[layer.beta + h] : T{0};
    scratch.last[h] = real ? u.parameters[last.w + h] / static_cast<T>(u.keep) : T{0};
    for (std::int64_t q = 0; q < inputs; ++q) {
      scratch.w[q * columns + h] = real ? k * w[h * layer.stride + q] : T{0};
    }
  }
  gated_layer<T, Bytes>({u.rows, inputs, columns, u.x, xs, scratch.w, scratch.start, scratch.last,
                         u.kept, memory.bits, octets(u.rows), scratch.partial, memory.output.v});
  for (std::int64_t octet = 0; octet < columns / 8; ++octet) {
    for (std::int64_t r = u.rows; r < octets(u.rows); ++r) {
      memory.bits[octet * octets(u.rows) + r] = 0;
    }
  }
  memory.output.forward(u, output, output_step);
}

// Gradients of the unit's layers, laid out as its parameters, and of the pooled values times their
// own values (the way back through exp): dx [B][x_stride]. Returns the sum of dx.
template <typename T, int Bytes>
double masked_backward(const UnitRows<T>& u, const T* d_output, std::int64_t output_step,
                       T* gradients, T* dx) {
  const UnitLayer& layer = u.layers[0];
  const UnitLayer& last = u.layers[1];
  const std::int64_t inputs = layer.inputs;
  const std::int64_t nodes = layer.outputs;
  const std::int64_t columns = padded(nodes);
  const std::int64_t xs = u.x_stride;
  const MaskedMemory<T> memory(u.memory, u.rows, xs, nodes);
  const MaskedBackwardScratch<T> scratch(u.scratch, u.rows, inputs, xs, nodes);
  const T* const w = u.parameters + layer.w;
  const T keep = static_cast<T>(u.keep);
  const T share = static_cast<T>(1 / static_cast<double>(u.rows));

  memory.output.backward(u, d_output, output_step, scratch.dv, gradients);
  for (std::int64_t r = 0; r < u.rows; ++r) {
    for (std::int64_t q = 0; q < xs; ++q) {
      scratch.values[r * xs + q] = scratch.dv[r] * u.x[r * xs + q];
    }
  }
  transpose_bits(octets(u.rows), columns, memory.bits, scratch.bits);
  chosen_sums<T, Bytes>({nodes, u.rows, xs, scratch.bits, columns, scratch.values, scratch.d});

  double log_gradients = 0;
  // scratch.values: rows for M first, then for dX.
  T* const back = scratch.m + inputs * xs;  // the row of the ones: -sum of (k sum_dy / B) W
  for (std::int64_t q = 0; q < xs; ++q) back[q] = 0;
  for (std::int64_t h = 0; h < nodes; ++h) {
    const T* const row = w + h * layer.stride;
    const T* const d = scratch.d + h * xs;
    const T weight = u.parameters[last.w + h] / keep;
    const T k = u.parameters[layer.gamma + h] / memory.s[h];
    const T along = dot<T, Bytes>(layer.stride, row, d);
    const T sum_dy = weight * d[inputs];
    const T sum_dyx = weight * along / memory.s[h];
    gradients[layer.gamma + h] = sum_dyx;
    log_gradients +=
        sum_of_log_gradients(static_cast<double>(u.parameters[layer.gamma + h]),
                             static_cast<double>(sum_dyx), 1 / static_cast<double>(memory.s[h]));
    gradients[layer.beta + h] = sum_dy;
    gradients[last.w + h] = (k * along + u.parameters[layer.beta + h] * d[inputs]) / keep;
    const T slope = sum_dyx / memory.s[h];
    T* const dw = gradients + layer.w + h * layer.stride;
    for (std::int64_t q = 0; q < inputs; ++q) {
      dw[q] = k * (weight * d[q] - slope * memory.wc[h * xs + q]);
    }
    for (std::int64_t q = 0; q < inputs; ++q) {
      scratch.values[h * xs + q] = -k * slope * share * row[q];
      back[q] -= k * sum_dy * share * row[q];
    }
    for (std::int64_t q = inputs; q < xs; ++q) scratch.values[h * xs + q] = 0;
  }
  product<T, Bytes>(
      {inputs, nodes, xs, w, 1, layer.stride, scratch.values, xs, scratch.m, xs, false});
  for (std::int64_t h = 0; h < nodes; ++h) {
    const T k = u.parameters[layer.gamma + h] / memory.s[h] * u.parameters[last.w + h] / keep;
    for (std::int64_t q = 0; q < inputs; ++q) {
      scratch.values[h * xs + q] = k * w[h * layer.stride + q];
    }
  }
  chosen_sums<T, Bytes>({u.rows, nodes, xs, memory.bits, octets(u.rows), scratch.values, dx});
  for (std::int64_t r = 0; r < u.rows; ++r) {
    for (std::int64_t q = 0; q < xs; ++q) dx[r * xs + q] *= scratch.dv[r];
  }
  product<T, Bytes>({u.rows, inputs + 1, xs, u.x, xs, 1, scratch.m, xs, dx, xs, true});
  for (std::int64_t r = 0; r < u.rows; ++r) {
    for (std::int64_t q = 0; q < inputs; ++q) dx[r * xs + q] *= u.x[r * xs + q] + memory.mean[q];
  }
  return log_gradients;
}

}  // namespace
}  // namespace explainn::kernels
