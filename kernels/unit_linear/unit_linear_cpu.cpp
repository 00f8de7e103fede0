#include "kernels/base/parallel.h"
#include "kernels/unit_linear/unit_linear.h"

namespace explainn::kernels {

template <typename T>
void unit_linear_forward(const UnitLinearParams& p, const T* x, const T* w, const T* bias, T* y) {
  parallel_for(p.units, [&](std::int64_t u) {
    gemm<T>(p.batch, p.out, p.in, {x + u * p.in, p.units * p.in}, Layout::plain,
            {w + u * p.out * p.in, p.in}, Layout::transposed, {y + u * p.out, p.units * p.out},
            Write::overwrite);
    for (std::int64_t b = 0; bias != nullptr && b < p.batch; ++b) {
      T* const row = y + (b * p.units + u) * p.out;
      for (std::int64_t o = 0; o < p.out; ++o) row[o] += bias[u * p.out + o];
    }
  });
}

template <typename T>
void unit_linear_backward(const UnitLinearParams& p, const T* x, const T* w, const T* dy,
                          Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias) {
  parallel_for(p.units, [&](std::int64_t u) {
    const Matrix<const T> unit_dy{dy + u * p.out, p.units * p.out};
    if (dx) {
      gemm<T>(p.batch, p.in, p.out, unit_dy, Layout::plain, {w + u * p.out * p.in, p.in},
              Layout::plain, {dx.data + u * p.in, p.units * p.in}, dx.write);
    }
    if (dw) {
      gemm<T>(p.out, p.in, p.batch, unit_dy, Layout::transposed, {x + u * p.in, p.units * p.in},
              Layout::plain, {dw.data + u * p.out * p.in, p.in}, dw.write);
    }
    for (std::int64_t o = 0; dbias && o < p.out; ++o) {
      double sum = 0;
      for (std::int64_t b = 0; b < p.batch; ++b) sum += unit_dy.data[b * unit_dy.stride + o];
      dbias.put(u * p.out + o, static_cast<T>(sum));
    }
  });
}

template void unit_linear_forward(const UnitLinearParams&, const float*, const float*, const float*,
                                  float*);
template void unit_linear_forward(const UnitLinearParams&, const double*, const double*,
                                  const double*, double*);
template void unit_linear_backward(const UnitLinearParams&, const float*, const float*,
                                   const float*, Gradient<float>, Gradient<float>, Gradient<float>);
template void unit_linear_backward(const UnitLinearParams&, const double*, const double*,
                                   const double*, Gradient<double>, Gradient<double>,
                                   Gradient<double>);

}  // namespace explainn::kernels
