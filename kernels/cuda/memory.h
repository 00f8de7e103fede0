// GPUs and their raw memory, without CUDA's headers; kernels/memory.h is what others use.
#pragma once

#include <cstddef>

#include "kernels/device.h"

namespace explainn::cuda {

/// Makes `device` the one this thread works on. Throws UsageError where there is no such GPU.
void use(Device device);

/// Null where memory runs out. Throws UsageError where there is no such GPU.
void* allocate(Device device, std::size_t bytes);
void release(Device device, void* memory) noexcept;
/// Page-locked memory of the host; null where it runs out.
void* allocate_pinned(Device device, std::size_t bytes);
void release_pinned(Device device, void* memory) noexcept;
/// As kernels::copy_bytes; one of the two is a GPU.
void copy(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes);
void clear(Device device, void* memory, std::size_t bytes);

}  // namespace explainn::cuda
