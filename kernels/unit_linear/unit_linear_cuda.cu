#include "kernels/cuda/bias.h"
#include "kernels/cuda/product.h"
#include "kernels/unit_linear/unit_linear.h"

namespace explainn::kernels::cuda {
template <typename T>
void unit_linear_forward(const UnitLinearParams& p, const T* x, const T* w, const T* bias, T* y) {
  product<T>({.count = p.units, .m = p.batch, .n = p.out, .k = p.in}, {x, p.units * p.in, 1, p.in},
             {w, 1, p.in, p.out * p.in}, {y, p.units * p.out, 1, p.out}, Write::overwrite);
  add_bias(p.batch, p.units * p.out, 1, bias, y);
}

template <typename T>
void unit_linear_backward(const UnitLinearParams& p, const T* x, const T* w, const T* dy,
                          Gradient<T> dx, Gradient<T> dw, Gradient<T> dbias) {
  const Matrices<const T> unit_dy{dy, p.units * p.out, 1, p.out};
  if (dx) {
    product<T>({.count = p.units, .m = p.batch, .n = p.in, .k = p.out}, unit_dy,
               {w, p.in, 1, p.out * p.in}, {dx.data, p.units * p.in, 1, p.in}, dx.write);
  }
  if (dw) {
    product<T>({.count = p.units, .m = p.out, .n = p.in, .k = p.batch}, unit_dy.transposed(),
               {x, p.units * p.in, 1, p.in}, {dw.data, p.in, 1, p.out * p.in}, dw.write);
  }
  bias_gradient(p.batch, p.units * p.out, 1, dy, dbias);
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

}  // namespace explainn::kernels::cuda
