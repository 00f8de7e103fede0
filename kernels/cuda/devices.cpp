#include "kernels/cuda/devices.h"

#include <cuda_runtime.h>

#include "kernels/base/error.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/memory.h"

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

std::int64_t free_memory(Device device) {
  use(device);
  std::size_t unused = 0, total = 0;
  check(cudaMemGetInfo(&unused, &total));
  return static_cast<std::int64_t>(unused);
}

}  // namespace explainn::cuda
