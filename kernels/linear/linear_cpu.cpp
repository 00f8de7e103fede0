#include <algorithm>

#include "kernels/base/parallel.h"
#include "kernels/linear/linear.h"
#include "kernels/memory.h"
#include "kernels/unit_pass/loops.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsPerBlock = 32;
constexpr std::int64_t kOutputsPerBlock = 8;
// Sums over rows are cut into pieces of so many: a single one over a large batch would round more.
constexpr std::int64_t kRowsPerSum = 256;

// [rows, columns] with zeros behind each row, up to `padded` columns.
template <typename T>
struct PaddedMatrix {
  std::int64_t columns;
  Buffer<T> values;

  PaddedMatrix(std::int64_t rows, std::int64_t width)
      : columns(padded(width)), values(rows * columns) {}

  void copy_row(std::int64_t row, const T* from, std::int64_t width) {
    T* const to = values.data() + row * columns;
    std::fill(std::copy_n(from, width, to), to + columns, T{0});
  }
  const T* row(std::int64_t i) const { return values.data() + i * columns; }
};

template <typename T>
PaddedMatrix<T> padded_copy(std::int64_t rows, std::int64_t width, const T* from) {
  PaddedMatrix<T> result(rows, width);
  for (std::int64_t i = 0; i < rows; ++i) result.copy_row(i, from + i * width, width);
  return result;
}

}  // namespace

template <typename T>
void linear_forward(const LinearParams& p, const T* x, const T* w, const T* bias, T* y) {
  PaddedMatrix<T> turned(p.in, p.out);
  std::fill(turned.values.begin(), turned.values.end(), T{0});
  for (std::int64_t i = 0; i < p.in; ++i) {
    T* const to = turned.values.data() + i * turned.columns;
    for (std::int64_t o = 0; o < p.out; ++o) to[o] = w[o * p.in + i];
  }
  const Loops<T>& of_set = loops<T>(chosen_instruction_set());
  parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    PaddedMatrix<T> block(end - begin, p.out);
    of_set.product({.rows = end - begin,
                    .inner = p.in,
                    .columns = block.columns,
                    .a = x + begin * p.in,
                    .a_row = p.in,
                    .a_inner = 1,
                    .b = turned.values.data(),
                    .b_row = turned.columns,
                    .c = block.values.data(),
                    .c_row = block.columns,
                    .add = false});
    for (std::int64_t b = begin; b < end; ++b) {
      const T* const from = block.row(b - begin);
      T* const to = y + b * p.out;
      for (std::int64_t o = 0; o < p.out; ++o)
        to[o] = bias == nullptr ? from[o] : from[o] + bias[o];
    }
  });
}

namespace {

template <typename T>
void gradient_of_inputs(const LinearParams& p, const T* w, const T* dy, Gradient<T> dx) {
  const PaddedMatrix<T> weights = padded_copy(p.out, p.in, w);
  const Loops<T>& of_set = loops<T>(chosen_instruction_set());
  parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    PaddedMatrix<T> block(end - begin, p.in);
    of_set.product({.rows = end - begin,
                    .inner = p.out,
                    .columns = block.columns,
                    .a = dy + begin * p.out,
                    .a_row = p.out,
                    .a_inner = 1,
                    .b = weights.row(0),
                    .b_row = weights.columns,
                    .c = block.values.data(),
                    .c_row = block.columns,
                    .add = false});
    for (std::int64_t b = begin; b < end; ++b) {
      for (std::int64_t i = 0; i < p.in; ++i) dx.put(b * p.in + i, block.row(b - begin)[i]);
    }
  });
}

template <typename T>
void gradient_of_weights(const LinearParams& p, const T* x, const T* dy, Gradient<T> dw) {
  const PaddedMatrix<T> inputs = padded_copy(p.rows, p.in, x);
  const Loops<T>& of_set = loops<T>(chosen_instruction_set());
  parallel_blocks(p.out, kOutputsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    PaddedMatrix<T> block(end - begin, p.in);
    for (std::int64_t first = 0; first < p.rows; first += kRowsPerSum) {
      of_set.product({.rows = end - begin,
                      .inner = std::min(kRowsPerSum, p.rows - first),
                      .columns = block.columns,
                      .a = dy + first * p.out + begin,
                      .a_row = 1,
                      .a_inner = p.out,
                      .b = inputs.row(first),
                      .b_row = inputs.columns,
                      .c = block.values.data(),
                      .c_row = block.columns,
                      .add = false});
      const Gradient<T> to{dw.data, first == 0 ? dw.write : Write::accumulate};
      for (std::int64_t o = begin; o < end; ++o) {
        for (std::int64_t i = 0; i < p.in; ++i) to.put(o * p.in + i, block.row(o - begin)[i]);
      }
    }
  });
}

template <typename T>
void gradient_of_bias(const LinearParams& p, const T* dy, Gradient<T> dbias) {
  Buffer<double> sums(p.out);
  std::fill(sums.begin(), sums.end(), 0.0);
  for (std::int64_t b = 0; b < p.rows; ++b) {
    for (std::int64_t o = 0; o < p.out; ++o) sums[o] += dy[b * p.out + o];
  }
  for (std::int64_t o = 0; o < p.out; ++o) dbias.put(o, static_cast<T>(sums[o]));
}

}  // namespace

template <typename T>
void linear_backward(const LinearParams& p, const T* x, const T* w, const T* dy, Gradient<T> dx,
                     Gradient<T> dw, Gradient<T> dbias) {
  if (dx) gradient_of_inputs(p, w, dy, dx);
  if (dw) gradient_of_weights(p, x, dy, dw);
  if (dbias) gradient_of_bias(p, dy, dbias);
}

template void linear_forward(const LinearParams&, const float*, const float*, const float*, float*);
template void linear_forward(const LinearParams&, const double*, const double*, const double*,
                             double*);
template void linear_backward(const LinearParams&, const float*, const float*, const float*,
                              Gradient<float>, Gradient<float>, Gradient<float>);
template void linear_backward(const LinearParams&, const double*, const double*, const double*,
                              Gradient<double>, Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
