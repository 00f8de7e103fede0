// Launching under CUDA's names.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "simt/runtime_api.h"
#include "simt/vector_types.h"

enum cudaLaunchAttributeID {
  cudaLaunchAttributeIgnore = 0,
  cudaLaunchAttributeCooperative = 2,
  cudaLaunchAttributeProgrammaticStreamSerialization = 6,
};
union cudaLaunchAttributeValue {
  int cooperative;
  int programmaticStreamSerializationAllowed;
};
struct cudaLaunchAttribute {
  cudaLaunchAttributeID id;
  cudaLaunchAttributeValue val;
};
struct cudaLaunchConfig_t {
  dim3 gridDim;
  dim3 blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned numAttrs;
};

namespace explainn::simt {

/// What each simulated thread does: call(data).
struct Work {
  const void* kernel;  ///< its address, which names it
  void (*call)(void* data);
  void* data;
};

/// Runs all threads. An error leaves the simulation as it was before.
cudaError_t launch(const cudaLaunchConfig_t& config, const Work& work);

cudaError_t set_attribute(const void* kernel, cudaFuncAttribute attribute, int value);
cudaError_t get_attributes(const void* kernel, cudaFuncAttributes* attributes);
cudaError_t blocks_at_once(int* blocks, const void* kernel, int threads, std::size_t dynamic_bytes);

}  // namespace explainn::simt

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  struct Call {
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> parameters;
  } call{kernel, std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)};
  // Each thread has its own copy of the parameters.
  const auto run = [](void* data) {
    const Call& own = *static_cast<const Call*>(data);
    std::apply(own.kernel, own.parameters);
  };
  return explainn::simt::launch(*config, {reinterpret_cast<const void*>(kernel), run, &call});
}

template <typename Kernel>
cudaError_t cudaFuncSetAttribute(Kernel* kernel, cudaFuncAttribute attribute, int value) {
  return explainn::simt::set_attribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
template <typename Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, Kernel* kernel) {
  return explainn::simt::get_attributes(reinterpret_cast<const void*>(kernel), attributes);
}
template <typename Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Kernel* kernel, int threads,
                                                          std::size_t dynamic_bytes) {
  return explainn::simt::blocks_at_once(blocks, reinterpret_cast<const void*>(kernel), threads,
                                        dynamic_bytes);
}

// Kernels run one after the other here.
inline void cudaGridDependencySynchronize() {}
inline void cudaTriggerProgrammaticLaunchCompletion() {}
