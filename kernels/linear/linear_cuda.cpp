#include "kernels/cuda/bias.h"
#include "kernels/cuda/dense_product.h"
#include "kernels/linear/linear.h"

namespace explainn::kernels::cuda {

template <typename T>
void linear_forward(const LinearParams& p, const T* x, const T* w, const T* bias, T* y) {
  dense_product<T>(p.rows, p.out, p.in, {x, p.in}, Layout::plain, {w, p.in}, Layout::transposed,
                   {y, p.out}, Write::overwrite);
  add_bias(p.rows, p.out, 1, bias, y);
}

template <typename T>
void linear_backward(const LinearParams& p, const T* x, const T* w, const T* dy, Gradient<T> dx,
                     Gradient<T> dw, Gradient<T> dbias) {
  if (dx) {
    dense_product<T>(p.rows, p.in, p.out, {dy, p.out}, Layout::plain, {w, p.in}, Layout::plain,
                     {dx.data, p.in}, dx.write);
  }
  if (dw) {
    dense_product<T>(p.out, p.in, p.rows, {dy, p.out}, Layout::transposed, {x, p.in}, Layout::plain,
                     {dw.data, p.in}, dw.write);
  }
  bias_gradient(p.rows, p.out, 1, dy, dbias);
}

template void linear_forward(const LinearParams&, const float*, const float*, const float*, float*);
template void linear_forward(const LinearParams&, const double*, const double*, const double*,
                             double*);
template void linear_backward(const LinearParams&, const float*, const float*, const float*,
                              Gradient<float>, Gradient<float>, Gradient<float>);
template void linear_backward(const LinearParams&, const double*, const double*, const double*,
                              Gradient<double>, Gradient<double>, Gradient<double>);

}  // namespace explainn::kernels::cuda
