#include "kernels/cuda/memory.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace explainn::cuda {

void* allocate(Device device, std::size_t bytes) {
  use(device);
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    return nullptr;
  }
  check(status);
  return memory;
}

void release(Device device, void* memory) noexcept {
  // At the program's end CUDA may be gone already; nothing is left to free then.
  if (cudaSetDevice(device.index) == cudaSuccess) (void)cudaFree(memory);
}

void* allocate_pinned(Device device, std::size_t bytes) {
  use(device);
  void* memory = nullptr;
  const cudaError_t status = cudaMallocHost(&memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    return nullptr;
  }
  check(status);
  return memory;
}

void release_pinned(Device device, void* memory) noexcept {
  if (cudaSetDevice(device.index) == cudaSuccess) (void)cudaFreeHost(memory);
}

void copy(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  use(to_device.kind == DeviceKind::cuda ? to_device : from_device);
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream()));
  // From pageable memory the call returns when the source has been read; to it, nothing is promised
  // before the stream is done.
  if (to_device.kind == DeviceKind::cpu || from_device.kind == DeviceKind::cpu) synchronise();
}

void clear(Device device, void* memory, std::size_t bytes) {
  if (bytes == 0) return;
  use(device);
  check(cudaMemsetAsync(memory, 0, bytes, stream()));
}

}  // namespace explainn::cuda
