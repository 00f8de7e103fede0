#include "bench/torch_gpu.h"

#include <ATen/Context.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/base/error.h"

namespace explainn::bench {

std::string use_gpu() {
  if (c10::cuda::device_count() == 0) throw UsageError("--device cuda: there is no usable GPU");
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setBenchmarkCuDNN(true);
  c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool());
  cudaDeviceProp properties{};
  if (cudaGetDeviceProperties(&properties, c10::cuda::current_device()) != cudaSuccess) {
    throw Error("the GPU does not tell its name");
  }
  return properties.name;
}

void wait_for_gpu() {
  c10::cuda::getCurrentCUDAStream().synchronize();
}

std::function<void()> record(const std::function<void()>& work) {
  wait_for_gpu();
  const auto graph = std::make_shared<at::cuda::CUDAGraph>();
  graph->capture_begin();
  work();
  graph->capture_end();
  return [graph] { graph->replay(); };
}

}  // namespace explainn::bench
