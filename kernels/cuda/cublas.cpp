#include <cublas_v2.h>

#include <map>
#include <source_location>

#include "kernels/base/error.h"
#include "kernels/cuda/dense_product.h"
#include "kernels/cuda/stream.h"

namespace explainn::kernels::cuda {
namespace {

void check(cublasStatus_t status, std::source_location place = std::source_location::current()) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error(cat("cuBLAS: ", cublasGetStatusString(status), " (", place.file_name(), ":",
                  place.line(), ")"));
}

// Of one thread and one GPU, whose stream is the thread's own: cuBLAS then gives the same bits in
// every run.
class Handle {
 public:
  Handle() {
    check(cublasCreate(&handle_));
    // No TF32 and no other way of less precision.
    check(cublasSetMathMode(handle_, CUBLAS_PEDANTIC_MATH));
    check(cublasSetStream(handle_, explainn::cuda::stream()));
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { (void)cublasDestroy(handle_); }
  cublasHandle_t get() const { return handle_; }

 private:
  cublasHandle_t handle_ = nullptr;
};

cublasHandle_t handle() {
  thread_local std::map<int, Handle> handles;
  return handles[explainn::cuda::in_use().index].get();
}

// cuBLAS's matrices run down columns, so that ours are their transposes: C' = op(B)' op(A)'.
template <auto kProduct, typename T>
void run(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const T> a, Layout layout_a,
         Matrix<const T> b, Layout layout_b, Matrix<T> c, Write write) {
  const auto layout = [](Layout ours) { return ours == Layout::plain ? CUBLAS_OP_N : CUBLAS_OP_T; };
  const T one = 1;
  const T before = write == Write::overwrite ? T{0} : T{1};
  check(kProduct(handle(), layout(layout_b), layout(layout_a), n, m, k, &one, b.data, b.stride,
                 a.data, a.stride, &before, c.data, c.stride));
}

}  // namespace

void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const float> a,
                    Layout layout_a, Matrix<const float> b, Layout layout_b, Matrix<float> c,
                    Write write) {
  run<cublasSgemm_64>(m, n, k, a, layout_a, b, layout_b, c, write);
}

void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const double> a,
                    Layout layout_a, Matrix<const double> b, Layout layout_b, Matrix<double> c,
                    Write write) {
  run<cublasDgemm_64>(m, n, k, a, layout_a, b, layout_b, c, write);
}

}  // namespace explainn::kernels::cuda
