// The machine's GPUs, without CUDA's headers; kernels/device.h is what others use.
#pragma once

#include <string>

namespace explainn::cuda {

int device_count();
std::string device_name(int index);

}  // namespace explainn::cuda
