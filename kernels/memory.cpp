#include "kernels/memory.h"

#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "kernels/base/error.h"

namespace explainn::kernels {
namespace {

constexpr std::align_val_t kAlignment{64};

// Sanitizers watch freed memory; a block that is kept would hide its misuse from them.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kKeptBytesLimit = 0;
#else
constexpr std::size_t kKeptBytesLimit = std::size_t{1} << 30;
#endif

class BlockCache {
 public:
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
      for (void* memory : blocks) ::operator delete(memory, kAlignment);
    }
    free_.clear();
    kept_bytes_ = 0;
  }

  ~BlockCache() { clear(); }

 private:
  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> free_;
  std::size_t kept_bytes_ = 0;
};

BlockCache& cache() {
  static BlockCache instance;
  return instance;
}

}  // namespace

void* allocate(Device device, std::size_t bytes) {
  if (device.kind != DeviceKind::cpu) {
    throw UsageError(cat("this build has no CUDA, so ", to_string(device),
                         " cannot be used; choose the device cpu"));
  }
  if (bytes == 0) bytes = 1;
  if (void* memory = cache().take(bytes)) return memory;
  void* memory = ::operator new(bytes, kAlignment, std::nothrow);
  if (memory == nullptr) {
    cache().clear();
    memory = ::operator new(bytes, kAlignment, std::nothrow);
  }
  if (memory == nullptr) {
    throw Error(
        cat("out of memory: ", bytes, " bytes asked for; choose a smaller batch or fewer units"));
  }
  return memory;
}

void release(Device, void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  if (bytes == 0) bytes = 1;
  try {
    if (cache().keep(memory, bytes)) return;
  } catch (const std::bad_alloc&) {
    // No room to remember the block: give it back like any other.
  }
  ::operator delete(memory, kAlignment);
}

void release_kept_memory() noexcept {
  cache().clear();
}

}  // namespace explainn::kernels
