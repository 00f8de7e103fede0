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
#include "kernels/unit_pass/unrolled_source.h"

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

constexpr std::int64_t kChosenRows = 128;

template <typename T>
struct MaskedBackwardScratch {
  T* dv;               // [B]
  std::uint8_t* bits;  // [octets(B) / 8][columns]
  T* chosen;           // [max(kChosenRows, columns)][x_stride]
  T* d;                // D' [x_stride][columns], then W [columns][x_stride]
  T* a;       // [Q + 1][columns]: W' and a row of ones, times what stands before W in M and its row
  T* m;       // [Q + 1][x_stride]
  T* weight;  // [columns]
  T* of_logs;  // [columns], of sum_of_log_gradients
  std::int64_t size;

  MaskedBackwardScratch(T* scratch, std::int64_t rows, std::int64_t inputs, std::int64_t x_stride,
                        std::int64_t columns) {
    Stretch<T> stretch{scratch};
    dv = stretch.take(rows);
    bits = stretch.template take_as<std::uint8_t>(octets(rows) / 8 * columns);
    chosen = stretch.take((kChosenRows > columns ? kChosenRows : columns) * x_stride);
    d = stretch.take(columns * x_stride);
    a = stretch.take((inputs + 1) * columns);
    m = stretch.take((inputs + 1) * x_stride);
    weight = stretch.take(columns);
    of_logs = stretch.take(columns);
    size = stretch.used;
  }
};

// x becomes x - mean, with a column of ones behind it for S and zeros behind that.
template <typename T, int Bytes>
void centre(const UnitRows<T>& u, std::int64_t inputs, double* mean) {
  using V = Vectors<T, Bytes>;
  column_sums<T, Bytes>(u.rows, u.x_stride, u.x, u.x_stride, mean);
  for (std::int64_t q = 0; q < u.x_stride; ++q) {
    mean[q] = q < inputs ? mean[q] / static_cast<double>(u.rows) : 0;
  }
  for (std::int64_t first = 0; first < u.x_stride; first += V::kLanes) {
    // In two pieces: what a mean in T leaves over counts.
    T pieces[2][V::kLanes];
    for (std::int64_t i = 0; i < V::kLanes; ++i) {
      const double m = first + i == inputs ? -1 : mean[first + i];
      pieces[0][i] = static_cast<T>(m);
      pieces[1][i] = static_cast<T>(m - static_cast<double>(pieces[0][i]));
    }
    const typename V::Real most = V::load(pieces[0]);
    const typename V::Real rest = V::load(pieces[1]);
    for (std::int64_t r = 0; r < u.rows; ++r) {
      T* const x = u.x + r * u.x_stride + first;
      V::store(x, V::load(x) - most - rest);
    }
  }
}

template <typename T, int Bytes>
void masked_forward(const UnitRows<T>& u, T* output) {
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

  centre<T, Bytes>(u, inputs, scratch.mean);
  for (std::int64_t q = 0; q < xs; ++q) memory.mean[q] = static_cast<T>(scratch.mean[q]);
  product<T, Bytes>({inputs, u.rows, xs, u.x, 1, xs, u.x, xs, scratch.c, xs, false});
  product<T, Bytes>(
      {inputs, inputs, columns, scratch.c, xs, 1, w, columns, memory.wc, columns, false});

  const T share = static_cast<T>(1 / count);
  const T unbiased = static_cast<T>(count / (count - 1));
  const T raise = static_cast<T>(1 / u.keep);
  for (std::int64_t h = 0; h < columns; h += V::kLanes) {
    typename V::Real variances[2] = {};
    typename V::Real means[2] = {};
    in_turn<2>(
        inputs, [&](auto i, std::int64_t q) __attribute__((always_inline)) {
          const typename V::Real weight = V::load(w + q * columns + h);
          variances[i] += weight * V::load(memory.wc + q * columns + h);
          means[i] += weight * memory.mean[q];
        });
    const typename V::Real variance = (variances[0] + variances[1]) * share;
    const typename V::Real mean = means[0] + means[1];
    if (u.statistics != nullptr) {
      const typename V::Real bias = V::load(u.statistics + layer.bias + h);
      move_running<V>(u.statistics + layer.mean + h, mean + bias);
      move_running<V>(u.statistics + layer.variance + h, variance * unbiased);
    }
    const typename V::Real s = V::square_root(variance + static_cast<T>(kNormEps));
    const typename V::Real k = V::load(u.parameters + layer.gamma + h) / s;
    V::store(memory.s + h, s);
    V::store(memory.k + h, k);
    V::store(scratch.last + h, V::load(u.parameters + last.w + h) * raise);
    for (std::int64_t q = 0; q < inputs; ++q) {
      V::store(scratch.w + q * columns + h, k * V::load(w + q * columns + h));
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
  memory.output.template forward<Bytes>(u, output);
}

// dx = (dv bits (weight W) + X M) times the pooled values: the product is X M, `chosen` the sums by
// bits.
template <typename T, int Bytes>
[[gnu::noinline]] void pooled_gradients(const ProductParams<T>& p, const T* dv, const T* chosen,
                                        const T* mean) {
  using V = Vectors<T, Bytes>;
  const T* const x = p.a;
  const std::int64_t xs = p.c_row;
  const auto finish = [=](std::int64_t r, std::int64_t q, typename V::Real of_means)
      __attribute__((always_inline)) {
    const std::int64_t at = r * xs + q;
    const typename V::Real dz = V::add_product(of_means, V::broadcast(dv[r]), V::load(chosen + at));
    return dz * (V::load(x + at) + V::load(mean + q));
  };
  product_and<T, Bytes>(p, finish);
}

// Gradients of the unit's layers, laid out as its parameters, and of the pooled values times their
// own values (the way back through exp): dx [B][x_stride]. Returns the sum of dx.
template <typename T, int Bytes>
double masked_backward(const UnitRows<T>& u, const T* output, const T* d_output, T* gradients,
                       T* dx) {
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
  const T raise = static_cast<T>(1 / u.keep);
  const T share = static_cast<T>(1 / static_cast<double>(u.rows));

  memory.output.template backward<Bytes>(u, output, d_output, scratch.dv, gradients);
  transpose_bits(octets(u.rows), columns, memory.bits, scratch.bits);
  chosen_sums<T, Bytes>(
      {nodes, u.rows, xs, scratch.bits, columns, u.x, scratch.dv, scratch.chosen});
  transpose_padded(nodes, xs, scratch.chosen, xs, scratch.d, columns);

  const T* const d_ones = scratch.d + inputs * columns;
  for (std::int64_t h = 0; h < columns; h += V::kLanes) {
    typename V::Real sums[2] = {};
    in_turn<2>(
        inputs, [&](auto i, std::int64_t q) __attribute__((always_inline)) {
          sums[i] += V::load(w + q * columns + h) * V::load(scratch.d + q * columns + h);
        });
    const typename V::Real along = sums[0] + sums[1];
    const typename V::Real ones = V::load(d_ones + h);
    const typename V::Real out = V::load(u.parameters + last.w + h) * raise;
    const typename V::Real gamma = V::load(u.parameters + layer.gamma + h);
    const typename V::Real beta = V::load(u.parameters + layer.beta + h);
    const typename V::Real k = V::load(memory.k + h);
    const typename V::Real inverse_s = T{1} / V::load(memory.s + h);
    const typename V::Real sum_dy = out * ones;
    const typename V::Real sum_dyx = out * along * inverse_s;
    V::store(gradients + layer.gamma + h, sum_dyx);
    V::store(gradients + layer.beta + h, sum_dy);
    V::store(gradients + last.w + h, (k * along + beta * ones) * raise);
    V::store(scratch.of_logs + h, gamma * sum_dyx * inverse_s * inverse_s);
    // What stands before W in the mask's part of dx, in dW and in M, and M's row for the ones.
    const typename V::Real weight = k * out;
    const typename V::Real slope = k * sum_dyx * inverse_s * share;
    V::store(scratch.weight + h, weight);
    for (std::int64_t q = 0; q < inputs; ++q) {
      const std::int64_t at = q * columns + h;
      V::store(gradients + layer.w + at,
               weight * V::load(scratch.d + at) - slope * V::load(memory.wc + at));
      V::store(scratch.a + at, -slope * V::load(w + at));
    }
    V::store(scratch.a + inputs * columns + h, -k * sum_dy * share);
  }

  // dx = dv (bits (weight W)) + X M, times the pooled values.
  T* const turned_w = scratch.d;  // [columns][x_stride], 0 behind the inputs
  transpose_padded(inputs, columns, w, columns, turned_w, xs);
  product<T, Bytes>(
      {inputs + 1, nodes, xs, scratch.a, columns, 1, turned_w, xs, scratch.m, xs, false});
  // As many rows at a time as the first cache holds.
  for (std::int64_t first = 0; first < u.rows; first += kChosenRows) {
    const std::int64_t rows = u.rows - first < kChosenRows ? u.rows - first : kChosenRows;
    chosen_sums<T, Bytes>({rows, nodes, xs, memory.bits + first, octets(u.rows), turned_w,
                           scratch.weight, scratch.chosen});
    pooled_gradients<T, Bytes>(
        {rows, inputs + 1, xs, u.x + first * xs, xs, 1, scratch.m, xs, dx + first * xs, xs, false},
        scratch.dv + first, scratch.chosen, memory.mean);
  }
  return kNormEps * row_sum<Bytes>(
                        nodes, [](auto x) { return x; }, scratch.of_logs);
}

}  // namespace
}  // namespace explainn::kernels
