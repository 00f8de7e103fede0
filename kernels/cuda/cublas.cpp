#include <cublas_v2.h>

#include <map>
#include <source_location>

#include "kernels/base/error.h"
#include "kernels/cuda/dense_product.h"
#include "kernels/cuda/library.h"
#include "kernels/cuda/stream.h"

namespace explainn::kernels::cuda {
namespace {

// The functions of cuBLAS that are called here.
struct Cublas {
  Library library{EXPLAINN_CUBLAS, "libcublas.so." EXPLAINN_TEXT(CUBLAS_VER_MAJOR)};
  decltype(&cublasGetStatusString) status_string =
      EXPLAINN_FUNCTION_OF(library, cublasGetStatusString);
  decltype(&cublasCreate) create = EXPLAINN_FUNCTION_OF(library, cublasCreate);
  decltype(&cublasDestroy) destroy = EXPLAINN_FUNCTION_OF(library, cublasDestroy);
  decltype(&cublasSetMathMode) set_math_mode = EXPLAINN_FUNCTION_OF(library, cublasSetMathMode);
  decltype(&cublasSetStream) set_stream = EXPLAINN_FUNCTION_OF(library, cublasSetStream);
  decltype(&cublasSgemm_64) product_of_floats = EXPLAINN_FUNCTION_OF(library, cublasSgemm_64);
  decltype(&cublasDgemm_64) product_of_doubles = EXPLAINN_FUNCTION_OF(library, cublasDgemm_64);
};

const Cublas& cublas() {
  static const Cublas functions;
  return functions;
}

void check(cublasStatus_t status, std::source_location place = std::source_location::current()) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error(cat("cuBLAS: ", cublas().status_string(status), " (", place.file_name(), ":",
                  place.line(), ")"));
}

// Of one thread and one GPU, whose stream is the thread's own: cuBLAS then gives the same bits in
// every run.
class Handle {
 public:
  Handle() {
    check(cublas().create(&handle_));
    // No TF32 and no other way of less precision.
    check(cublas().set_math_mode(handle_, CUBLAS_PEDANTIC_MATH));
    check(cublas().set_stream(handle_, explainn::cuda::stream()));
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { (void)cublas().destroy(handle_); }
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
  check((cublas().*kProduct)(handle(), layout(layout_b), layout(layout_a), n, m, k, &one, b.data,
                             b.stride, a.data, a.stride, &before, c.data, c.stride));
}

}  // namespace

void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const float> a,
                    Layout layout_a, Matrix<const float> b, Layout layout_b, Matrix<float> c,
                    Write write) {
  run<&Cublas::product_of_floats>(m, n, k, a, layout_a, b, layout_b, c, write);
}

void cublas_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<const double> a,
                    Layout layout_a, Matrix<const double> b, Layout layout_b, Matrix<double> c,
                    Write write) {
  run<&Cublas::product_of_doubles>(m, n, k, a, layout_a, b, layout_b, c, write);
}

}  // namespace explainn::kernels::cuda
