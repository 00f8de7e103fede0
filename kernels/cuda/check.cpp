#include "kernels/cuda/check.h"

#include "kernels/base/error.h"

namespace explainn::cuda {

void check(cudaError_t status, std::source_location place) {
  if (status == cudaSuccess) return;
  // Clears the error where it can be cleared, so that a later call does not report it again.
  (void)cudaGetLastError();
  const char* advice = status == cudaErrorMemoryAllocation
                           ? "; choose a smaller batch or fewer units, or a free GPU"
                           : "";
  throw Error(cat("CUDA: ", cudaGetErrorString(status), " (", cudaGetErrorName(status), ", ",
                  place.file_name(), ":", place.line(), ")", advice));
}

}  // namespace explainn::cuda
