// Which devices this machine has, and which one a user's word for it means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/device.h"

namespace explainn {

/// What this build and this machine offer.
struct Gpus {
  std::vector<std::string> names;  ///< of cuda:0, cuda:1 ..: "NVIDIA H100 80GB HBM3, 79 GiB"
  std::string why_none;            ///< in words, where there is none
};

Gpus find_gpus();

struct DeviceChoice {
  Device device;
  std::string name;  ///< "CPU" or the GPU's
  std::string note;  ///< why auto took the CPU; empty otherwise
};

/// The device that `word` means: auto (the first GPU, else the CPU), cpu, cuda (the first GPU) or
/// cuda:N. Throws UsageError that says what to do: for a GPU that is not there, and for another
/// word, with the nearest one.
DeviceChoice choose_device(const std::string& word, const Gpus& gpus);

/// Bytes of the GPU's memory that are free now. Throws UsageError where there is no such GPU.
std::int64_t free_memory(Device gpu);

}  // namespace explainn
