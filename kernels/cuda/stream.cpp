#include "kernels/cuda/stream.h"

#include <map>

#include "kernels/base/error.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/devices.h"

namespace explainn::cuda {
namespace {

// Streams live as long as the program: destroying them from a thread's end could come after CUDA's
// own end.
cudaStream_t stream_of(int device) {
  thread_local std::map<int, cudaStream_t> streams;
  cudaStream_t& stream = streams[device];
  if (stream == nullptr) check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

}  // namespace

void use(Device device) {
  const int count = device_count();
  if (device.kind != DeviceKind::cuda || device.index < 0 || device.index >= count) {
    throw UsageError(cat("there is no usable GPU ", to_string(device), "; this machine has ",
                         count == 0 ? "none" : cat(count), "; choose --device cpu"));
  }
  check(cudaSetDevice(device.index));
}

Device in_use() {
  int device = 0;
  check(cudaGetDevice(&device));
  return {.kind = DeviceKind::cuda, .index = device};
}

cudaStream_t stream() {
  return stream_of(in_use().index);
}

void synchronise() {
  check(cudaStreamSynchronize(stream()));
}

}  // namespace explainn::cuda
