#include "kernels/dispatch.h"

#include "kernels/base/error.h"
#include "kernels/cuda/memory.h"

namespace explainn::kernels {

bool on_gpu(Device device) {
  if (device.kind == DeviceKind::cpu) return false;
  if constexpr (kCudaBuild) {
    cuda::use(device);
    return true;
  }
  throw UsageError(cat("this build has no CUDA, so ", to_string(device),
                       " cannot be used; choose the device cpu"));
}

}  // namespace explainn::kernels
