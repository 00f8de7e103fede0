// The simulation itself: what its threads compute together.
#include <cooperative_groups.h>
#include <cuda_pipeline.h>
#include <gtest/gtest.h>

#include <numeric>

#include "kernels/cuda/device_code.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/tensor_core.h"
#include "kernels/memory.h"
#include "tests/simt/orders.h"
#include "tests/support/device.h"

namespace explainn::simt {
namespace {

using cuda::launch;
using kernels::Buffer;
using kernels::copied_to;
using kernels::zeros;
using test::kGpu;

template <typename T>
std::vector<T> on_host(const Buffer<T>& buffer) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  kernels::copy_from<T>(kGpu, buffer.data(), values);
  return values;
}

// Each block turns its numbers round.
__global__ void turn_round(int* numbers) {
  SHARED(int, tile, [96]);
  const unsigned i = threadIdx.x;
  int* const own = numbers + blockIdx.x * blockDim.x;
  tile[i] = own[i];
  __syncthreads();
  own[i] = tile[blockDim.x - 1 - i];
}

TEST(Shim, BarriersOrderSharedMemory) {
  for_each_order([] {
    std::vector<int> numbers(5 * 96);
    std::iota(numbers.begin(), numbers.end(), 0);
    auto buffer = copied_to<int>(kGpu, numbers);
    launch(turn_round, {.grid = 5, .block = 96}, buffer.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = static_cast<int>(i / 96 * 96 + 95 - i % 96);
    }
    EXPECT_EQ(on_host(buffer), numbers);
  });
}

__global__ void indices(unsigned* out) {
  const dim3 b = blockDim;
  const unsigned thread = (threadIdx.z * b.y + threadIdx.y) * b.x + threadIdx.x;
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  out[block * b.x * b.y * b.z + thread] = blockIdx.z * 100000 + blockIdx.y * 10000 +
                                          blockIdx.x * 1000 + threadIdx.z * 100 + threadIdx.y * 10 +
                                          threadIdx.x;
}

TEST(Shim, EveryThreadOfEveryBlockRunsOnce) {
  for_each_order([] {
    auto out = zeros<unsigned>(2 * 3 * 2 * 64, kGpu);
    launch(indices, {.grid = {2, 3, 2}, .block = {8, 4, 2}}, out.data());
    const std::vector<unsigned> numbers = on_host(out);
    std::size_t i = 0;
    for (unsigned block = 0; block < 12; ++block) {
      for (unsigned thread = 0; thread < 64; ++thread) {
        EXPECT_EQ(numbers[i++], block / 6 * 100000 + block / 2 % 3 * 10000 + block % 2 * 1000 +
                                    thread / 32 * 100 + thread / 8 % 4 * 10 + thread % 8);
      }
    }
  });
}

__global__ void votes(int* out) {
  const int i = static_cast<int>(threadIdx.x);
  int* const own = out + 3 * i;
  own[0] = __syncthreads_count(i % 3 == 0);
  own[1] = __syncthreads_or(i == 63) * 2 + __syncthreads_or(i > 63);
  own[2] = __syncthreads_and(i < 64) * 2 + __syncthreads_and(i < 63);
}

TEST(Shim, BarriersCountVotes) {
  for_each_order([] {
    auto out = zeros<int>(3 * 64, kGpu);
    launch(votes, {.grid = 1, .block = 64}, out.data());
    const std::vector<int> numbers = on_host(out);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      EXPECT_EQ(numbers[i], i % 3 == 0 ? 22 : 2) << i;
    }
  });
}

// Warps of a block work on their own; the lanes of a warp in two parts.
__global__ void warp_operations(double* out) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const unsigned half = lane < 16 ? 0x0000FFFFU : 0xFFFF0000U;
  double* const own = out + 12 * threadIdx.x;
  own[0] = __shfl_sync(~0U, 1.5 * lane, lane + 3, 8);
  own[1] = __shfl_up_sync(~0U, lane, 5);
  own[2] = __shfl_down_sync(~0U, static_cast<float>(lane), 5, 16);
  own[3] = static_cast<double>(__shfl_xor_sync(~0U, static_cast<long long>(lane) << 40, 9) >> 40);
  own[4] = __ballot_sync(half, lane % 2);
  own[5] = __any_sync(half, lane == 20);
  own[6] = __all_sync(half, lane < 16);
  own[7] = __match_any_sync(~0U, lane % 5);
  own[8] = __reduce_add_sync(half, -lane);
  own[9] = __reduce_max_sync(~0U, lane - 40);
  own[10] = __reduce_min_sync(~0U, static_cast<unsigned>(lane - 3));
  own[11] = __reduce_or_sync(half, 1U << lane);
}

TEST(Shim, WarpOperationsExchangeValues) {
  for_each_order([] {
    auto out = zeros<double>(12 * 64, kGpu);
    launch(warp_operations, {.grid = 1, .block = 64}, out.data());
    const std::vector<double> all = on_host(out);
    for (int thread = 0; thread < 64; ++thread) {
      const int lane = thread % 32;
      const bool low = lane < 16;
      double matches = 0;
      for (int other = lane % 5; other < 32; other += 5) matches += std::ldexp(1, other);
      const std::vector<double> expected = {1.5 * (lane / 8 * 8 + (lane + 3) % 8),
                                            static_cast<double>(lane < 5 ? lane : lane - 5),
                                            static_cast<double>(lane % 16 < 11 ? lane + 5 : lane),
                                            static_cast<double>(lane ^ 9),
                                            static_cast<double>(low ? 0x0000AAAAU : 0xAAAA0000U),
                                            low ? 0.0 : 1.0,
                                            low ? 1.0 : 0.0,
                                            matches,
                                            low ? -120.0 : -376.0,
                                            -9,
                                            0,
                                            static_cast<double>(low ? 0x0000FFFFU : 0xFFFF0000U)};
      EXPECT_EQ(std::vector<double>(all.begin() + 12 * thread, all.begin() + 12 * thread + 12),
                expected)
          << "thread " << thread;
    }
  });
}

// A half goes ahead to where the other is awaited.
__global__ void halves_apart(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  int sum = 0;
  if (lane >= 16) sum = __reduce_add_sync(0xFFFF0000U, lane);
  out[lane] = __shfl_sync(~0U, sum, 31 - lane);
}

TEST(Shim, HalfOfAWarpGoesAhead) {
  for_each_order([] {
    auto out = zeros<int>(32, kGpu);
    launch(halves_apart, {.grid = 1, .block = 32}, out.data());
    const std::vector<int> values = on_host(out);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(values[i], i < 16 ? 376 : 0);
  });
}

// Lanes outside the mask do not take part.
__global__ void read_absent_lane(float* out) {
  if (threadIdx.x < 8) out[threadIdx.x] = __shfl_sync(0xFFU, 1.0F, 9);
}

TEST(Shim, LaneOutsideTheMaskReadsAsNan) {
  auto out = zeros<float>(8, kGpu);
  launch(read_absent_lane, {.grid = 1, .block = 32}, out.data());
  for (const float value : on_host(out)) EXPECT_TRUE(std::isnan(value));
}

__global__ void histogram(const unsigned* numbers, unsigned* counts, int* extremes,
                          unsigned long long* total) {
  const unsigned number = numbers[blockIdx.x * blockDim.x + threadIdx.x];
  atomicAdd(counts + number % 7, 1U);
  atomicMin(extremes, static_cast<int>(number));
  atomicMax(extremes + 1, static_cast<int>(number));
  atomicAdd(total, static_cast<unsigned long long>(number) << 33);
  unsigned long long seen = 0;
  while (true) {
    const unsigned long long before = atomicCAS(total + 1, seen, seen ^ number);
    if (before == seen) break;
    seen = before;
  }
}

TEST(Shim, AtomicsLoseNothing) {
  for_each_order([] {
    const std::vector<double> random = test::random_values<double>(3 * 96, 5, 0, 1000);
    const std::vector<unsigned> numbers(random.begin(), random.end());
    auto counts = zeros<unsigned>(7, kGpu);
    auto extremes = copied_to<int>(kGpu, std::vector<int>{5000, -1});
    auto total = zeros<unsigned long long>(2, kGpu);
    launch(histogram, {.grid = 3, .block = 96}, copied_to<unsigned>(kGpu, numbers).data(),
           counts.data(), extremes.data(), total.data());
    std::vector<unsigned> expected(7);
    unsigned long long sum = 0;
    unsigned long long odd = 0;
    for (const unsigned number : numbers) {
      ++expected[number % 7];
      sum += static_cast<unsigned long long>(number) << 33;
      odd ^= number;
    }
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    EXPECT_EQ(on_host(counts), expected);
    EXPECT_EQ(on_host(extremes), (std::vector{static_cast<int>(*least), static_cast<int>(*most)}));
    EXPECT_EQ(on_host(total), (std::vector{sum, odd}));
  });
}

template <typename T>
__device__ float first_of_fresh_memory() {
  SHARED(T, fresh, [4]);
  const float value = static_cast<float>(fresh[threadIdx.x % 4]);
  __syncthreads();
  if (threadIdx.x < 4) fresh[threadIdx.x] = T{1};
  return value;
}

__global__ void fresh_memory(float* out) {
  cuda::DynamicShared dynamic;
  const auto floats = dynamic.take<float>(3);
  const auto doubles = dynamic.take<double>(5);
  float* const own = out + 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  own[0] = floats[2];
  own[1] = static_cast<float>(doubles[4]);
  own[2] = first_of_fresh_memory<float>();
  own[3] = first_of_fresh_memory<double>();
  if (threadIdx.x < 3) floats[threadIdx.x] = 1;
  if (threadIdx.x < 5) doubles[threadIdx.x] = 1;
}

TEST(Shim, SharedMemoryStartsAsNanInEachBlock) {
  for_each_order([] {
    auto out = zeros<float>(3 * 32 * 4, kGpu);
    launch(fresh_memory, {.grid = 3, .block = 32, .shared_bytes = 16 + 48}, out.data());
    for (const float value : on_host(out)) EXPECT_TRUE(std::isnan(value));
  });
}

// Each phase reads what another block wrote in the one before.
__global__ void ring(int* numbers, int phases) {
  const auto grid = cooperative_groups::this_grid();
  const auto blocks = static_cast<unsigned>(grid.num_blocks());
  for (int phase = 0; phase < phases; ++phase) {
    int* const from = numbers + phase % 2 * blocks;
    int* const to = numbers + (1 - phase % 2) * blocks;
    if (threadIdx.x == 40) to[blockIdx.x] = from[(blockIdx.x + 1) % blocks] + 1;
    grid.sync();
  }
}

TEST(Shim, CooperativeBlocksWaitForEachOther) {
  for_each_order([] {
    auto numbers = copied_to<int>(kGpu, std::vector{0, 100, 200, 300, 400, 0, 0, 0, 0, 0});
    launch(ring, {.grid = 5, .block = 64, .cooperative = true}, numbers.data(), 7);
    const std::vector<int> all = on_host(numbers);
    EXPECT_EQ(std::vector<int>(all.begin() + 5, all.end()), (std::vector{207, 307, 407, 7, 107}));
  });
}

// What was there when the copies were asked for, after one of two groups, and after both.
__global__ void copy_in_groups(const int* numbers, int* seen) {
  SHARED(int, copies, [2]);
  if (threadIdx.x == 0) {
    for (int i = 0; i < 2; ++i) {
      copies[i] = -1;
      __pipeline_memcpy_async(&copies[i], numbers + i, sizeof(int));
      __pipeline_commit();
    }
    for (int waited = 0; waited < 3; ++waited) {
      if (waited > 0) __pipeline_wait_prior(2 - waited);
      for (int i = 0; i < 2; ++i) seen[2 * waited + i] = copies[i];
    }
  }
}

TEST(Shim, AsynchronousCopiesComeWhereTheyAreWaitedFor) {
  const auto numbers = copied_to<int>(kGpu, std::vector{7, 8});
  auto seen = zeros<int>(6, kGpu);
  launch(copy_in_groups, {.grid = 1, .block = 32}, numbers.data(), seen.data());
  EXPECT_EQ(on_host(seen), (std::vector{-1, -1, 7, -1, 7, 8}));
}

// Blocks sum by parts; the last one to come sums the parts.
__global__ void sum_by_last_block(const float* numbers, float* parts, unsigned* done, float* sum) {
  SHARED(int, last, );
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = numbers[2 * blockIdx.x] + numbers[2 * blockIdx.x + 1];
    __threadfence();
    last = atomicAdd(done, 1U) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (last != 0 && threadIdx.x == 33) {
    float all = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) all += parts[i];
    *sum = all;
  }
}

TEST(Shim, FencesPublishAcrossBlocks) {
  for_each_order([] {
    const auto numbers = copied_to<float>(kGpu, std::vector<float>{1, 2, 4, 8, 16, 32});
    auto parts = zeros<float>(3, kGpu);
    auto done = zeros<unsigned>(1, kGpu);
    auto sum = zeros<float>(1, kGpu);
    launch(sum_by_last_block, {.grid = 3, .block = 64}, numbers.data(), parts.data(), done.data(),
           sum.data());
    EXPECT_EQ(on_host(sum), std::vector<float>{63});
  });
}

}  // namespace
}  // namespace explainn::simt
