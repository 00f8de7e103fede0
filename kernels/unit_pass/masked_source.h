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
//              dW = k (w2 D / keep - sum_dyx / s  C w),  C w = X'X w / B
//              dX = G (bits (k w2 W / keep)) - (k sum_dy / B) W - X W' diag(k sum_dyx / (s B)) W
// Matrices of the layer stand as [Q][columns], so that all that is done for each node is done for a
// vector of nodes at once.
// Included by loops_source.h alone.
#pragma once

#include "kernels/unit_pass/chosen_sums_source.h"
#include "kernels/unit_pass/gated_layer_source.h"
#include "kernels/unit_pass/product_source.h"
#include "kernels/unit_pass/rows_source.h"
#include "kernels/unit_pass/transpose_source.h"

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
  T* wc;               // [Q][columns], B times C W'
  T* s;                // [columns]
  T* k;                // [columns]
  std::uint8_t* bits;  // [columns / 8][octets(B)]
  std::int64_t size;

  MaskedMemory(T* memory, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
               std::int64_t columns) {
    Stretch<T> stretch{memory};
    output = UnitOutput<T>::in(stretch, rows);
    mean = stretch.take(x_stride);
    wc = stretch.take(inputs * columns);
    s = stretch.take(columns);
    k = stretch.take(columns);
    bits = stretch.template take_as<std::uint8_t>(columns / 8 * octets(rows));
    size = stretch.used;
  }
};

template <typename T>
struct MaskedForwardScratch {
  double* mean;  // [x_stride]
  T* c;          // [Q][x_stride], B times C
  T* w;          // [Q][columns], k W'
  T* last;       // [columns]
  T* partial;    // [B][kRowPadding]
  std::int64_t size;

  MaskedForwardScratch(T* scratch, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
                       std::int64_t columns) {
    Stretch<T> stretch{scratch};
    mean = stretch.template take_as<double>(x_stride);
    c = stretch.take(inputs * x_stride);
    w = stretch.take(inputs * columns);
    last = stretch.take(columns);
    partial = stretch.take(rows * kRowPadding);
    size = stretch.used;
  }
};

template <typename T>
struct MaskedBackwardScratch {
  T* dv;               // [B]
  std::uint8_t* bits;  // [octets(B) / 8][columns]
  T* values;           // [max(B, columns)][x_stride]
  T* d;                // [columns][x_stride], then as [x_stride][columns] in `turned`
  T* turned;
  T* a;  // [Q + 1][columns]: W' and a row of ones, times what stands before W in M and its row
  T* m;  // [Q + 1][x_stride]
  T* node[4];  // [columns] each
  std::int64_t size;

  MaskedBackwardScratch(T* scratch, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
                        std::int64_t columns) {
    Stretch<T> stretch{scratch};
    dv = stretch.take(rows);
    bits = stretch.template take_as<std::uint8_t>(octets(rows) / 8 * columns);
    values = stretch.take((rows > columns ? rows : columns) * x_stride);
    d = stretch.take(columns * x_stride);
    turned = stretch.take(columns * x_stride);
    a = stretch.take((inputs + 1) * columns);
    m = stretch.take((inputs + 1) * x_stride);
    for (T*& each : node) each = stretch.take(columns);
    size = stretch.used;
  }
};

// x becomes x - mean, with a column of ones behind it for S and zeros behind that.
template <typename T>
void centre(const UnitRows<T>& u, std::int64_t inputs, double* mean) {
  column_sums(u.rows, u.x_stride, u.x, u.x_stride, mean);
  for (std::int64_t q = 0; q < u.x_stride; ++q) {
    mean[q] = q < inputs ? mean[q] / static_cast<double>(u.rows) : 0;
  }
  for (std::int64_t first = 0; first < u.x_stride; first += kRowPadding) {
    double m[kRowPadding];
    for (std::int64_t i = 0; i < kRowPadding; ++i) m[i] = mean[first + i];
    for (std::int64_t r = 0; r < u.rows; ++r) {
      T* const x = u.x + r * u.x_stride + first;
      for (std::int64_t i = 0; i < kRowPadding; ++i) {
        x[i] = static_cast<T>(static_cast<double>(x[i]) - m[i]);
      }
    }
  }
  for (std::int64_t r = 0; r < u.rows; ++r) u.x[r * u.x_stride + inputs] = 1;
}

template <typename T, int Bytes>
void masked_forward(const UnitRows<T>& u, T* output, std::int64_t output_step) {
  using V = Vectors<T, Bytes>;
  const UnitLayer& layer = u.layers[0];
  const UnitLayer& last = u.layers[1];
  const std::int64_t inputs = layer.inputs;
  const std::int64_t columns = layer.stride;
  const std::int64_t xs = u.x_stride;
  const auto count = static_cast<double>(u.rows);
  const MaskedMemory<T> memory(u.memory, u.rows, inputs, xs, columns);
  const MaskedForwardScratch<T> scratch(u.scratch, u.rows, inputs, xs, columns);
  const T* const w = u.parameters + layer.w;

  centre(u, inputs, scratch.mean);
  for (std::int64_t q = 0; q < xs; ++q) memory.mean[q] = static_cast<T>(scratch.mean[q]);
  product<T, Bytes>({inputs, u.rows, xs, u.x, 1, xs, u.x, xs, scratch.c, xs, false});
  product<T, Bytes>(
      {inputs, inputs, columns, scratch.c, xs, 1, w, columns, memory.wc, columns, false});

  const T share = static_cast<T>(1 / count);
  const T unbiased = static_cast<T>(count / (count - 1));
  const T raise = static_cast<T>(1 / u.keep);
  // The variance and what w makes of the mean stand in s and k until these are known.
  for (std::int64_t h = 0; h < columns; h += V::kLanes) {
    typename V::Real variance{};
    typename V::Real mean{};
    for (std::int64_t q = 0; q < inputs; ++q) {
      const typename V::Real weight = V::load(w + q * columns + h);
      variance += weight * V::load(memory.wc + q * columns + h);
      mean += weight * memory.mean[q];
    }
    V::store(memory.s + h, variance * share);
    V::store(memory.k + h, mean);
  }
  if (u.statistics != nullptr) {
    const T* const bias = u.statistics + layer.bias;
    T* const mean = u.statistics + layer.mean;
    T* const variance = u.statistics + layer.variance;
    for (std::int64_t h = 0; h < columns; ++h) {
      move_running(mean[h], memory.k[h] + bias[h]);
      move_running(variance[h], memory.s[h] * unbiased);
    }
  }
  for (std::int64_t h = 0; h < columns; ++h) {
    memory.s[h] = square_root(memory.s[h] + static_cast<T>(kNormEps));
    memory.k[h] = u.parameters[layer.gamma + h] / memory.s[h];
    scratch.last[h] = u.parameters[last.w + h] * raise;
  }
  for (std::int64_t q = 0; q < inputs; ++q) {
    for (std::int64_t h = 0; h < columns; ++h) {
      scratch.w[q * columns + h] = memory.k[h] * w[q * columns + h];
    }
  }
  gated_layer<T, Bytes>({u.rows, inputs, columns, u.x, xs, scratch.w, u.parameters + layer.beta,
                         scratch.last, u.kept, memory.bits, octets(u.rows), scratch.partial,
                         memory.output.v});
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
  using V = Vectors<T, Bytes>;
  const UnitLayer& layer = u.layers[0];
  const UnitLayer& last = u.layers[1];
  const std::int64_t inputs = layer.inputs;
  const std::int64_t nodes = layer.outputs;
  const std::int64_t columns = layer.stride;
  const std::int64_t xs = u.x_stride;
  const MaskedMemory<T> memory(u.memory, u.rows, inputs, xs, columns);
  const MaskedBackwardScratch<T> scratch(u.scratch, u.rows, inputs, xs, columns);
  const T* const w = u.parameters + layer.w;
  const T* const gamma = u.parameters + layer.gamma;
  const T raise = static_cast<T>(1 / u.keep);
  const T share = static_cast<T>(1 / static_cast<double>(u.rows));

  memory.output.backward(u, d_output, output_step, scratch.dv, gradients);
  for (std::int64_t r = 0; r < u.rows; ++r) {
    const typename V::Real g = typename V::Real{} + scratch.dv[r];
    for (std::int64_t q = 0; q < xs; q += V::kLanes) {
      V::store(scratch.values + r * xs + q, g * V::load(u.x + r * xs + q));
    }
  }
  transpose_bits(octets(u.rows), columns, memory.bits, scratch.bits);
  chosen_sums<T, Bytes>({columns, u.rows, xs, scratch.bits, columns, scratch.values, scratch.d});
  transpose(columns, xs, scratch.d, xs, scratch.turned, columns);

  // Of each node: k w2 / keep, and what stands before W in dW, M and the row of ones.
  T* const weight = scratch.node[0];
  T* const along = scratch.node[1];
  T* const slope = scratch.node[2];
  T* const before = scratch.node[3];
  T* const ones = scratch.a + inputs * columns;
  const T* const d_ones = scratch.turned + inputs * columns;
  for (std::int64_t h = 0; h < columns; h += V::kLanes) {
    typename V::Real sum{};
    for (std::int64_t q = 0; q < inputs; ++q) {
      sum += V::load(w + q * columns + h) * V::load(scratch.turned + q * columns + h);
    }
    V::store(along + h, sum);
  }
  for (std::int64_t h = 0; h < columns; ++h) {
    const T out = u.parameters[last.w + h] * raise;
    const T s = memory.s[h];
    const T k = memory.k[h];
    const T sum_dy = out * d_ones[h];
    const T sum_dyx = out * along[h] / s;
    gradients[layer.gamma + h] = sum_dyx;
    gradients[layer.beta + h] = sum_dy;
    gradients[last.w + h] = (k * along[h] + u.parameters[layer.beta + h] * d_ones[h]) * raise;
    weight[h] = k * out;
    slope[h] = k * sum_dyx / s * share;
    before[h] = -slope[h];
    ones[h] = -k * sum_dy * share;
  }
  double log_gradients = 0;
  for (std::int64_t h = 0; h < nodes; ++h) {
    log_gradients += sum_of_log_gradients(static_cast<double>(gamma[h]),
                                          static_cast<double>(gradients[layer.gamma + h]),
                                          1 / static_cast<double>(memory.s[h]));
  }
  for (std::int64_t q = 0; q < inputs; ++q) {
    for (std::int64_t h = 0; h < columns; h += V::kLanes) {
      const std::int64_t at = q * columns + h;
      const typename V::Real steep = V::load(slope + h);
      V::store(gradients + layer.w + at, V::load(weight + h) * V::load(scratch.turned + at) -
                                             steep * V::load(memory.wc + at));
      V::store(scratch.a + at, V::load(before + h) * V::load(w + at));
    }
  }

  // dx = dv (bits (weight W)) + X M, times the pooled values.
  T* const turned_w = scratch.turned;  // [columns][x_stride], 0 behind the inputs
  for (std::int64_t h = 0; h < columns; ++h) {
    for (std::int64_t q = inputs / 4 * 4; q < xs; ++q) turned_w[h * xs + q] = 0;
  }
  transpose(inputs, columns, w, columns, turned_w, xs);
  product<T, Bytes>(
      {inputs + 1, nodes, xs, scratch.a, columns, 1, turned_w, xs, scratch.m, xs, false});
  for (std::int64_t h = 0; h < nodes; ++h) {
    const typename V::Real factor = typename V::Real{} + weight[h];
    for (std::int64_t q = 0; q < xs; q += V::kLanes) {
      V::store(scratch.values + h * xs + q, factor * V::load(turned_w + h * xs + q));
    }
  }
  chosen_sums<T, Bytes>({u.rows, nodes, xs, memory.bits, octets(u.rows), scratch.values, dx});
  for (std::int64_t r = 0; r < u.rows; ++r) {
    const typename V::Real g = typename V::Real{} + scratch.dv[r];
    for (std::int64_t q = 0; q < xs; q += V::kLanes) {
      V::store(dx + r * xs + q, g * V::load(dx + r * xs + q));
    }
  }
  product<T, Bytes>({u.rows, inputs + 1, xs, u.x, xs, 1, scratch.m, xs, dx, xs, true});
  for (std::int64_t q = 0; q < xs; q += V::kLanes) {
    const typename V::Real mean = V::load(memory.mean + q);
    for (std::int64_t r = 0; r < u.rows; ++r) {
      V::store(dx + r * xs + q, V::load(dx + r * xs + q) * (V::load(u.x + r * xs + q) + mean));
    }
  }
  return log_gradients;
}

}  // namespace
}  // namespace explainn::kernels
