#include "kernels/cuda/devices.h"

#include <cuda_runtime.h>

#include "kernels/base/error.h"
#include "kernels/cuda/check.h"

namespace explainn::cuda {

int device_count() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  (void)cudaGetLastError();  // no driver is no error
  return status == cudaSuccess ? count : 0;
}

std::string device_name(int index) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index));
  return cat(properties.name, ", ", properties.totalGlobalMem >> 30, " GiB");
}

}  // namespace explainn::cuda
