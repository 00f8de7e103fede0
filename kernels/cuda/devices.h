// The machine's GPUs, without CUDA's headers; kernels/device.h is what others use.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/device.h"

namespace explainn::cuda {

int device_count();
std::string device_name(int index);
/// Of its memory, in bytes.
std::int64_t free_memory(Device device);

}  // namespace explainn::cuda
