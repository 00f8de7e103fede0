// The bodies of Loops. Included by loops_<set>.cpp alone. Everything has internal linkage: were it
// shared, the linker could give one set's code to another.
#pragma once

#include "kernels/unit_pass/chosen_sums_source.h"
#include "kernels/unit_pass/convolution_source.h"
#include "kernels/unit_pass/counts_source.h"
#include "kernels/unit_pass/dense_source.h"
#include "kernels/unit_pass/exponential_source.h"
#include "kernels/unit_pass/gated_layer_source.h"
#include "kernels/unit_pass/kept_bits_source.h"
#include "kernels/unit_pass/layer_source.h"
#include "kernels/unit_pass/masked_source.h"
#include "kernels/unit_pass/product_source.h"
#include "kernels/unit_pass/transpose_source.h"
#include "kernels/unit_pass/update_source.h"
#include "kernels/unit_pass/window_sums_source.h"

namespace explainn::kernels {
namespace {

template <typename T>
UnitRowsSizes rows_sizes(HiddenPath path, std::int64_t rows, const UnitLayer* layers,
                         std::int64_t layer_count) {
  T* const none = nullptr;
  const std::int64_t inputs = layers[0].inputs;
  if (path == HiddenPath::dense) {
    const std::int64_t stride = padded(inputs);
    const DenseScratch<T> scratch(none, rows, stride, layers, layer_count);
    return {stride, DenseMemory<T>(none, rows).size, scratch.size};
  }
  const std::int64_t stride = padded(inputs + 1);
  const std::int64_t columns = layers[0].stride;
  const std::int64_t forward = MaskedForwardScratch<T>(none, rows, inputs, stride, columns).size;
  const std::int64_t backward = MaskedBackwardScratch<T>(none, rows, inputs, stride, columns).size;
  return {stride, MaskedMemory<T>(none, rows, inputs, stride, columns).size,
          forward > backward ? forward : backward};
}

template <typename T, int Bytes>
constexpr Loops<T> loops_with_vectors_of() {
  return {.make_tables = make_tables<T, Bytes>,
          .convolve_and_pool = convolve_and_pool<T, Bytes>,
          .convolve = convolve<T, Bytes>,
          .exponentials = exponentials<T, Bytes>,
          .add_pair_counts = add_pair_counts<Bytes>,
          .total = total<T, Bytes>,
          .transpose = transpose<T>,
          .transpose_places = transpose<PoolPlace>,
          .window_sums = window_sums<T, Bytes>,
          .product = product<T, Bytes>,
          .gated_layer = gated_layer<T, Bytes>,
          .chosen_sums = chosen_sums<T, Bytes>,
          .transpose_bits = transpose_bits,
          .rows_sizes = rows_sizes<T>,
          .masked_forward = masked_forward<T, Bytes>,
          .dense_forward = dense_forward<T, Bytes>,
          .masked_backward = masked_backward<T, Bytes>,
          .dense_backward = dense_backward<T, Bytes>,
          .kept_bits = kept_bits<Bytes>,
          .adam = adam<T, Bytes>,
          .sgd = sgd<T, Bytes>,
          .layer = layer<T, Bytes>,
          .layer_and_sum = layer_and_sum<T, Bytes>};
}

}  // namespace
}  // namespace explainn::kernels
