#include "kernels/memory.h"

#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "kernels/base/error.h"
#include "kernels/cuda/memory.h"
#include "kernels/dispatch.h"

namespace explainn::kernels {
namespace {

constexpr std::align_val_t kAlignment{64};

// Sanitizers watch freed memory; a block that is kept would hide its misuse from them.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kKeptBytesLimit = 0;
#else
constexpr std::size_t kKeptBytesLimit = std::size_t{1} << 30;
#endif

void* allocate_raw(Device device, std::size_t bytes) {
  if constexpr (kCudaBuild) {
    if (device.kind == DeviceKind::cuda) return cuda::allocate(device, bytes);
  }
  return ::operator new(bytes, kAlignment, std::nothrow);
}

void release_raw(Device device, void* memory) noexcept {
  if constexpr (kCudaBuild) {
    if (device.kind == DeviceKind::cuda) return cuda::release(device, memory);
  }
  ::operator delete(memory, kAlignment);
}

// The freed blocks of one device.
class BlockCache {
 public:
  explicit BlockCache(Device device) : device_(device) {}
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  void* take(std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = free_.find(bytes);
    if (found == free_.end() || found->second.empty()) return nullptr;
    void* memory = found->second.back();
    found->second.pop_back();
    kept_bytes_ -= bytes;
    return memory;
  }

  bool keep(void* memory, std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (kept_bytes_ + bytes > kKeptBytesLimit) return false;
    free_[bytes].push_back(memory);
    kept_bytes_ += bytes;
    return true;
  }

  void clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [bytes, blocks] : free_) {
      for (void* memory : blocks) release_raw(device_, memory);
    }
    free_.clear();
    kept_bytes_ = 0;
  }

  ~BlockCache() { clear(); }

 private:
  Device device_;
  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> free_;
  std::size_t kept_bytes_ = 0;
};

class BlockCaches {
 public:
  BlockCache& of(Device device) {
    if (device.kind == DeviceKind::cpu) return cpu_;
    const std::lock_guard<std::mutex> lock(mutex_);
    return gpus_.try_emplace(device.index, device).first->second;
  }

  void clear() {
    cpu_.clear();
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [index, cache] : gpus_) cache.clear();
  }

 private:
  BlockCache cpu_{Device{}};
  std::mutex mutex_;
  std::map<int, BlockCache> gpus_;
};

BlockCaches& caches() {
  static BlockCaches instance;
  return instance;
}

}  // namespace

void* allocate(Device device, std::size_t bytes) {
  on_gpu(device);
  if (bytes == 0) bytes = 1;
  BlockCache& cache = caches().of(device);
  if (void* memory = cache.take(bytes)) return memory;
  void* memory = allocate_raw(device, bytes);
  if (memory == nullptr) {
    cache.clear();
    memory = allocate_raw(device, bytes);
  }
  if (memory == nullptr) {
    throw Error(cat("out of memory on ", to_string(device), ": ", bytes,
                    " bytes asked for; choose a smaller batch or fewer units"));
  }
  return memory;
}

void release(Device device, void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  if (bytes == 0) bytes = 1;
  try {
    if (caches().of(device).keep(memory, bytes)) return;
  } catch (const std::bad_alloc&) {
    // No room to remember the block: give it back like any other.
  }
  release_raw(device, memory);
}

void release_kept_memory() noexcept {
  caches().clear();
}

void copy_bytes(Device to_device, void* to, Device from_device, const void* from,
                std::size_t bytes) {
  if constexpr (kCudaBuild) {
    if (to_device.kind == DeviceKind::cuda || from_device.kind == DeviceKind::cuda) {
      return cuda::copy(to_device, to, from_device, from, bytes);
    }
  }
  if (bytes > 0) std::memcpy(to, from, bytes);
}

void clear_bytes(Device device, void* memory, std::size_t bytes) {
  if constexpr (kCudaBuild) {
    if (device.kind == DeviceKind::cuda) return cuda::clear(device, memory, bytes);
  }
  if (bytes > 0) std::memset(memory, 0, bytes);
}

}  // namespace explainn::kernels
