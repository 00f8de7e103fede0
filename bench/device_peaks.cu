#include "bench/device_peaks.h"

#include "bench/device_clock.h"
#include "kernels/cuda/device_code.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/grid_barrier.h"
#include "kernels/cuda/launch.h"
#include "kernels/memory.h"

namespace explainn::bench {
namespace {

using cuda::launch;

constexpr Device kGpu{.kind = DeviceKind::cuda, .index = 0};
constexpr int kThreads = 256;
constexpr int kChains = 8;  // independent sums: more than the latency of a multiply-add needs
constexpr int kRounds = 4096;
constexpr int kShared = 2048;  // float4s of a block
constexpr int kBarriers = 1000;

__global__ void copy_kernel(std::int64_t size, const float4* from, float4* to) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < size;
       i += step) {
    to[i] = from[i];
  }
}

// Writes nothing unless the sums are what they never are.
__global__ void multiply_add_kernel(float factor, float term, float* out) {
  float sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = static_cast<float>(threadIdx.x + i);
  for (int round = 0; round < kRounds; ++round) {
#pragma unroll
    for (int i = 0; i < kChains; ++i) sums[i] = fmaf(sums[i], factor, term);
  }
  float total = 0;
  for (int i = 0; i < kChains; ++i) total += sums[i];
  if (total == 12345.0F) *out = total;
}

__global__ void shared_kernel(unsigned stride, float* out) {
  SHARED(float4, numbers, [kShared]);
  for (int i = static_cast<int>(threadIdx.x); i < kShared; i += kThreads) {
    numbers[i] = {static_cast<float>(i), 1, 2, 3};
  }
  __syncthreads();
  float4 sum{};
  unsigned place = threadIdx.x;
#pragma unroll 8
  for (int round = 0; round < kRounds; ++round) {
    const float4 read = numbers[place];
    sum.x += read.x;
    sum.y += read.y;
    sum.z += read.z;
    sum.w += read.w;
    place = (place + stride) % kShared;
  }
  if (sum.x + sum.y + sum.z + sum.w == 12345.5F) *out = sum.x;
}

__global__ void barrier_kernel(unsigned* arrived) {
  cuda::GridBarrier barrier(arrived);
  for (int i = 0; i < kBarriers; ++i) {
    barrier.arrive();
    barrier.wait();
  }
}

__global__ void empty_kernel() {}

double copy_speed() {
  constexpr std::int64_t kBytes = std::int64_t{1} << 30;
  constexpr std::int64_t kSize = kBytes / static_cast<std::int64_t>(sizeof(float4));
  kernels::Buffer<float4> from(kSize, kGpu), to(kSize, kGpu);
  // Some bits or other: zeros may travel faster than numbers.
  cuda::check(cudaMemsetAsync(from.data(), 0x5A, kBytes, cuda::stream()));
  const Spread time = device_time([&] {
    launch(copy_kernel, {.grid = cuda::blocks_for(kSize, 4 * kThreads), .block = kThreads}, kSize,
           from.data(), to.data());
  });
  return 2e-3 * static_cast<double>(kBytes) / time.median;
}

}  // namespace

DevicePeaks measure_device_peaks() {
  int processors = 0;
  cuda::check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0));
  const auto blocks = static_cast<unsigned>(processors);
  kernels::Buffer<float> out(1, kGpu);
  kernels::Buffer<unsigned> arrived(1, kGpu);
  DevicePeaks peaks{};
  peaks.processors = processors;
  peaks.copy_gb_per_s = copy_speed();

  const double threads = 8.0 * blocks * kThreads;
  const Spread adds = device_time([&] {
    launch(multiply_add_kernel, {.grid = 8 * blocks, .block = kThreads}, 0.999F, 1e-3F, out.data());
  });
  peaks.fma_gflop_per_s = 2e-3 * threads * kChains * kRounds / adds.median;
  // No more blocks than reside at once: 32 KiB each.
  const Spread reads = device_time([&] {
    launch(shared_kernel, {.grid = 4 * blocks, .block = kThreads}, kThreads + 1, out.data());
  });
  peaks.shared_gb_per_s = 1e-3 * threads / 2 * sizeof(float4) * kRounds / reads.median;

  constexpr int kBarrierThreads = 512;
  const Spread barriers = device_time([&] {
    cuda::check(cudaMemsetAsync(arrived.data(), 0, sizeof(unsigned), cuda::stream()));
    launch(barrier_kernel, {.grid = blocks, .block = kBarrierThreads, .cooperative = true},
           arrived.data());
  });
  peaks.grid_barrier_us = barriers.median / kBarriers;

  const auto launch_empty = [] { launch(empty_kernel, {.grid = 1, .block = 32}); };
  peaks.launch_us = device_time(launch_empty).median;
  constexpr int kRecorded = 20;
  cuda::Graph graph([&] {
    for (int i = 0; i < kRecorded; ++i) launch_empty();
  });
  peaks.recorded_launch_us = device_time([&] { graph.replay(); }).median / kRecorded;
  cuda::synchronise();
  return peaks;
}

}  // namespace explainn::bench
