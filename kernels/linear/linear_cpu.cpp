#include <algorithm>

#include "kernels/base/parallel.h"
#include "kernels/linear/linear.h"
#include "kernels/memory.h"

namespace explainn::kernels {
namespace {

constexpr std::int64_t kRowsPerBlock = 32;
constexpr std::int64_t kOutputsPerBlock = 16;

}  // namespace

// Always a whole block of rows, made up by zeros: how Eigen adds the terms of a row depends on the
// number of rows, and a sequence's prediction must not depend on those beside it.
template <typename T>
void linear_forward(const LinearParams& p, const T* x, const T* w, const T* bias, T* y) {
  parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    const T* from = x + begin * p.in;
    T* to = y + begin * p.out;
    Buffer<T> block, result;
    if (end - begin < kRowsPerBlock) {
      block = zeros<T>(kRowsPerBlock * p.in);
      result = Buffer<T>(kRowsPerBlock * p.out);
      std::copy_n(from, (end - begin) * p.in, block.data());
      from = block.data();
      to = result.data();
    }
    gemm<T>(kRowsPerBlock, p.out, p.in, {from, p.in}, Layout::plain, {w, p.in}, Layout::transposed,
            {to, p.out}, Write::overwrite);
    if (result) std::copy_n(to, (end - begin) * p.out, y + begin * p.out);
    for (std::int64_t b = begin; bias != nullptr && b < end; ++b) {
      for (std::int64_t o = 0; o < p.out; ++o) y[b * p.out + o] += bias[o];
    }
  });
}

template <typename T>
void linear_backward(const LinearParams& p, const T* x, const T* w, const T* dy, Gradient<T> dx,
                     Gradient<T> dw, Gradient<T> dbias) {
  if (dx) {
    parallel_blocks(p.rows, kRowsPerBlock, [&](std::int64_t begin, std::int64_t end) {
      gemm<T>(end - begin, p.in, p.out, {dy + begin * p.out, p.out}, Layout::plain, {w, p.in},
              Layout::plain, {dx.data + begin * p.in, p.in}, dx.write);
    });
  }
  parallel_blocks(p.out, kOutputsPerBlock, [&](std::int64_t begin, std::int64_t end) {
    if (dw) {
      gemm<T>(end - begin, p.in, p.rows, {dy + begin, p.out}, Layout::transposed, {x, p.in},
              Layout::plain, {dw.data + begin * p.in, p.in}, dw.write);
    }
    for (std::int64_t o = begin; dbias && o < end; ++o) {
      double sum = 0;
      for (std::int64_t b = 0; b < p.rows; ++b) sum += dy[b * p.out + o];
      dbias.put(o, static_cast<T>(sum));
    }
  });
}

template void linear_forward(const LinearParams&, const float*, const float*, const float*, float*);
template void linear_forward(const LinearParams&, const double*, const double*, const double*,
                             double*);
template void linear_backward(const LinearParams&, const float*, const float*, const float*,
                              Gradient<float>, Gradient<float>, Gradient<float>);
template void linear_backward(const LinearParams&, const double*, const double*, const double*,
                              Gradient<double>, Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
