#include "kernels/device.h"

#include "kernels/cuda/devices.h"

namespace explainn {

int gpu_count() {
  if constexpr (kCudaBuild) return cuda::device_count();
  return 0;
}

std::string gpu_name(int index) {
  if constexpr (kCudaBuild) return cuda::device_name(index);
  return to_string(Device{DeviceKind::cuda, index});
}

}  // namespace explainn
