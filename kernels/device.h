// Where memory lives and arithmetic runs.
#pragma once

#include <string>

namespace explainn {

/// Whether this build has the CUDA kernels.
#ifdef EXPLAINN_CUDA
inline constexpr bool kCudaBuild = true;
#else
inline constexpr bool kCudaBuild = false;
#endif

enum class DeviceKind { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;

  friend bool operator==(const Device&, const Device&) = default;
};

/// "cpu", "cuda:1".
inline std::string to_string(const Device& device) {
  return device.kind == DeviceKind::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

/// GPUs that can be used: 0 where this build has no CUDA or this machine no working driver.
int gpu_count();
/// "NVIDIA H100 80GB HBM3, 79 GiB". Requires 0 <= index < gpu_count().
std::string gpu_name(int index);

}  // namespace explainn
