#include <algorithm>

#include "kernels/base/gemm.h"
#include "kernels/base/parallel.h"
#include "kernels/conv1d/conv1d.h"
#include "kernels/memory.h"

namespace explainn::kernels {
namespace {

// Samples whose weight gradients are summed by one thread before the blocks are added in order.
std::int64_t samples_per_block(std::int64_t batch) {
  return std::max<std::int64_t>(4, batch / 16);
}

// columns [c K, n]: row (c, k) is channel c of x [c, L] shifted by k, so that the convolution is
// one matrix product.
template <typename T>
void unfold(const Conv1dParams& p, const T* x, T* columns) {
  const std::int64_t n = p.positions();
  for (std::int64_t c = 0; c < p.group_in(); ++c) {
    for (std::int64_t k = 0; k < p.width; ++k) {
      std::copy_n(x + c * p.length + k, n, columns + (c * p.width + k) * n);
    }
  }
}

// The transpose of unfold: adds every row (c, k) of columns to channel c, shifted by k.
template <typename T>
void fold_add(const Conv1dParams& p, const T* columns, T* dx) {
  const std::int64_t n = p.positions();
  for (std::int64_t c = 0; c < p.group_in(); ++c) {
    for (std::int64_t k = 0; k < p.width; ++k) {
      const T* row = columns + (c * p.width + k) * n;
      T* out = dx + c * p.length + k;
      for (std::int64_t t = 0; t < n; ++t) out[t] += row[t];
    }
  }
}

template <typename T>
void add_bias(const Conv1dParams& p, const T* bias, T* y) {
  const std::int64_t n = p.positions();
  for (std::int64_t o = 0; o < p.out_channels; ++o) {
    for (std::int64_t t = 0; t < n; ++t) y[o * n + t] += bias[o];
  }
}

}  // namespace

template <typename T>
void conv1d_forward(const Conv1dParams& p, const T* x, const T* w, const T* bias, T* y) {
  const std::int64_t n = p.positions();
  const std::int64_t depth = p.group_in() * p.width;
  parallel_for(p.batch, [&](std::int64_t b) {
    Buffer<T> columns(depth * n);
    for (std::int64_t g = 0; g < p.groups; ++g) {
      unfold(p, x + (b * p.in_channels + g * p.group_in()) * p.length, columns.data());
      gemm<T>(p.group_out(), n, depth, {w + g * p.group_out() * depth, depth}, Layout::plain,
              {columns.data(), n}, Layout::plain,
              {y + (b * p.out_channels + g * p.group_out()) * n, n}, Write::overwrite);
    }
    if (bias != nullptr) add_bias(p, bias, y + b * p.out_channels * n);
  });
}

template <typename T>
void conv1d_backward_input(const Conv1dParams& p, const T* w, const T* dy, Gradient<T> dx) {
  if (!dx) return;
  const std::int64_t n = p.positions();
  const std::int64_t depth = p.group_in() * p.width;
  parallel_for(p.batch, [&](std::int64_t b) {
    Buffer<T> columns(depth * n);
    T* const out = dx.data + b * p.in_channels * p.length;
    if (dx.write == Write::overwrite) std::fill_n(out, p.in_channels * p.length, T{0});
    for (std::int64_t g = 0; g < p.groups; ++g) {
      gemm<T>(depth, n, p.group_out(), {w + g * p.group_out() * depth, depth}, Layout::transposed,
              {dy + (b * p.out_channels + g * p.group_out()) * n, n}, Layout::plain,
              {columns.data(), n}, Write::overwrite);
      fold_add(p, columns.data(), out + g * p.group_in() * p.length);
    }
  });
}

template <typename T>
void conv1d_backward_weight(const Conv1dParams& p, const T* x, const T* dy, Gradient<T> dw,
                            Gradient<T> dbias) {
  if (!dw && !dbias) return;
  const std::int64_t n = p.positions();
  const std::int64_t depth = p.group_in() * p.width;
  const std::int64_t block = samples_per_block(p.batch);
  const std::int64_t blocks = (p.batch + block - 1) / block;
  const std::int64_t weights = p.out_channels * depth;
  Buffer<T> partial_dw(dw ? blocks * weights : 0);
  Buffer<double> partial_dbias(dbias ? blocks * p.out_channels : 0);

  parallel_blocks(p.batch, block, [&](std::int64_t begin, std::int64_t end) {
    Buffer<T> columns(dw ? depth * n : 0);
    for (std::int64_t b = begin; b < end; ++b) {
      const T* const sample_dy = dy + b * p.out_channels * n;
      const Write write = b == begin ? Write::overwrite : Write::accumulate;
      for (std::int64_t g = 0; dw && g < p.groups; ++g) {
        unfold(p, x + (b * p.in_channels + g * p.group_in()) * p.length, columns.data());
        gemm<T>(p.group_out(), depth, n, {sample_dy + g * p.group_out() * n, n}, Layout::plain,
                {columns.data(), n}, Layout::transposed,
                {partial_dw.data() + begin / block * weights + g * p.group_out() * depth, depth},
                write);
      }
      for (std::int64_t o = 0; dbias && o < p.out_channels; ++o) {
        double sum = 0;
        for (std::int64_t t = 0; t < n; ++t) sum += sample_dy[o * n + t];
        double& total = partial_dbias[begin / block * p.out_channels + o];
        total = b == begin ? sum : total + sum;
      }
    }
  });

  for (std::int64_t i = 0; dw && i < weights; ++i) {
    double sum = 0;
    for (std::int64_t part = 0; part < blocks; ++part) sum += partial_dw[part * weights + i];
    dw.put(i, static_cast<T>(sum));
  }
  for (std::int64_t o = 0; dbias && o < p.out_channels; ++o) {
    double sum = 0;
    for (std::int64_t part = 0; part < blocks; ++part)
      sum += partial_dbias[part * p.out_channels + o];
    dbias.put(o, static_cast<T>(sum));
  }
}

template void conv1d_forward(const Conv1dParams&, const float*, const float*, const float*, float*);
template void conv1d_backward_input(const Conv1dParams&, const float*, const float*,
                                    Gradient<float>);
template void conv1d_backward_weight(const Conv1dParams&, const float*, const float*,
                                     Gradient<float>, Gradient<float>);
template void conv1d_forward(const Conv1dParams&, const double*, const double*, const double*,
                             double*);
template void conv1d_backward_input(const Conv1dParams&, const double*, const double*,
                                    Gradient<double>);
template void conv1d_backward_weight(const Conv1dParams&, const double*, const double*,
                                     Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels
