#include "tests/simt/device_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "simt/runtime_api.h"
#include "tests/simt/machine.h"
#include "tests/simt/runtime_errors.h"

#ifdef SIMT_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace explainn::simt {
namespace {

struct Memory {
  std::recursive_mutex mutex;
  std::map<void*, std::size_t> blocks;
  std::size_t bytes = 0;
  int users = 0;
};

// Never destroyed: other objects give memory back at the program's end.
Memory& memory() {
  static Memory& instance = *new Memory;
  return instance;
}

void allow_host([[maybe_unused]] bool allow) {
#ifdef SIMT_ASAN
  for (const auto& [block, bytes] : memory().blocks) {
    if (allow) {
      __asan_unpoison_memory_region(block, bytes);
    } else {
      __asan_poison_memory_region(block, bytes);
    }
  }
#endif
}

}  // namespace

OnDevice::OnDevice() : lock_(memory().mutex) {
  if (memory().users++ == 0) allow_host(true);
}

OnDevice::~OnDevice() {
  if (--memory().users == 0) allow_host(false);
}

}  // namespace explainn::simt

using explainn::simt::memory;
using explainn::simt::OnDevice;
using explainn::simt::reported;

cudaError_t cudaMalloc(void** block, std::size_t bytes) {
  const OnDevice on_device;
  *block = nullptr;
  if (bytes == 0) return cudaSuccess;
  const std::size_t left = explainn::simt::kMemoryBytes - memory().bytes;
  if (bytes > left || posix_memalign(block, 256, bytes) != 0) {
    *block = nullptr;
    return reported(cudaErrorMemoryAllocation);
  }
  std::memset(*block, 0xFF, bytes);
  memory().blocks[*block] = bytes;
  memory().bytes += bytes;
  return cudaSuccess;
}

cudaError_t cudaFree(void* block) {
  const OnDevice on_device;
  if (block == nullptr) return cudaSuccess;
  const auto found = memory().blocks.find(block);
  if (found == memory().blocks.end()) return reported(cudaErrorInvalidValue);
  memory().bytes -= found->second;
  memory().blocks.erase(found);
  std::free(block);
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** block, std::size_t bytes) {
  *block = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (posix_memalign(block, 64, bytes) != 0) return reported(cudaErrorMemoryAllocation);
  std::memset(*block, 0xFF, bytes);
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* block) {
  std::free(block);
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  const OnDevice on_device;
  if (bytes > 0) std::memmove(to, from, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t) {
  return cudaMemcpy(to, from, bytes, kind);
}

cudaError_t cudaMemset(void* block, int value, std::size_t bytes) {
  const OnDevice on_device;
  if (bytes > 0) std::memset(block, value, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* block, int value, std::size_t bytes, cudaStream_t) {
  return cudaMemset(block, value, bytes);
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const OnDevice on_device;
  *total = explainn::simt::kMemoryBytes;
  *free = *total - memory().bytes;
  return cudaSuccess;
}
