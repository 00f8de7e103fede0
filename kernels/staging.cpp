#include "kernels/staging.h"

#include <new>

#include "kernels/base/error.h"
#include "kernels/cuda/memory.h"
#include "kernels/dispatch.h"

namespace explainn::kernels {
namespace {

void* allocate_staging(std::size_t bytes, Device device) {
  const bool gpu = on_gpu(device);
  if constexpr (kCudaBuild) {
    if (gpu) return cuda::allocate_pinned(device, bytes);
  }
  return ::operator new(bytes, std::nothrow);
}

void release_staging(void* memory, Device device) noexcept {
  if constexpr (kCudaBuild) {
    if (device.kind == DeviceKind::cuda) return cuda::release_pinned(device, memory);
  }
  ::operator delete(memory);
}

}  // namespace

Staging::Staging(std::int64_t words, Device device) : device_(device) {
  const auto bytes = static_cast<std::size_t>(words) * sizeof(std::uint32_t);
  data_ = static_cast<std::uint32_t*>(allocate_staging(bytes, device));
  if (data_ == nullptr) {
    throw Error(cat("out of memory on the host: ", bytes, " bytes to copy from were asked for"));
  }
}

Staging::~Staging() {
  if (data_ != nullptr) release_staging(data_, device_);
}

}  // namespace explainn::kernels
