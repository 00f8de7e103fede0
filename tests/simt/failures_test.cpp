// What the simulation says of kernels that are wrong. Sanitizers end the program, in a child.
#include <cooperative_groups.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/base/error.h"
#include "kernels/cuda/device_code.h"
#include "kernels/cuda/launch.h"
#include "tests/support/device.h"

namespace explainn::simt {
namespace {

using cuda::launch;
using cuda::LaunchShape;
using test::kGpu;

__global__ void harmless(int* out) {
  __syncthreads();
  out[threadIdx.x] = static_cast<int>(threadIdx.x);
}

// Runs `kernel`, which must fail with a text that has all of `parts`; then one that must not.
template <typename Kernel, typename... Arguments>
void expect_failure(const std::vector<std::string>& parts, Kernel* kernel, const LaunchShape& shape,
                    Arguments... arguments) {
  test::in_every_order([&] {
    try {
      launch(kernel, shape, arguments...);
      ADD_FAILURE() << "the launch did not fail";
    } catch (const Error& error) {
      for (const std::string& part : parts) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
            << part << " is not said in: " << error.what();
      }
    }
    test::OnGpu<int> out(64);
    launch(harmless, {.grid = 1, .block = 64}, out.data());
    EXPECT_EQ(out.copy()[63], 63);
  });
}

std::string at_line(int line) {
  return "failures_test.cpp:" + std::to_string(line) + ":";
}

constexpr int kSkippedBarrier = __LINE__ + 2;
__global__ void skip_barrier(unsigned absent) {
  if (threadIdx.x != absent) __syncthreads();
}

TEST(Failures, BarrierThatOneThreadSkips) {
  expect_failure({at_line(kSkippedBarrier), "63 of 64", "thread (37,0,0) of block", "has ended"},
                 skip_barrier, {.grid = 2, .block = 64}, 37U);
}

constexpr int kTwoBarriers = __LINE__ + 3;
__global__ void two_barriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

TEST(Failures, TwoBarriersAtOnce) {
  expect_failure({at_line(kTwoBarriers), at_line(kTwoBarriers + 2), "thread ("}, two_barriers,
                 {.grid = 1, .block = 64});
}

constexpr int kAbsentLane = __LINE__ + 2;
__global__ void absent_lane(float* out) {
  if (threadIdx.x < 31) out[threadIdx.x] = __shfl_down_sync(~0U, 1.0F, 1);
}

TEST(Failures, MaskThatNamesAnAbsentLane) {
  const test::OnGpu<float> out(32);
  expect_failure({at_line(kAbsentLane), "thread (31,0,0)", "has ended"}, absent_lane,
                 {.grid = 1, .block = 32}, const_cast<float*>(out.data()));
}

constexpr int kOtherMask = __LINE__ + 2;
__global__ void other_mask() {
  if (threadIdx.x == 7) __syncwarp(0x0FU);
}

TEST(Failures, MaskWithoutTheThreadItself) {
  expect_failure({at_line(kOtherMask), "thread (7,0,0)", "0x0000000f"}, other_mask,
                 {.grid = 1, .block = 32});
}

constexpr int kMixedMasks = __LINE__ + 2;
__global__ void mixed_masks() {
  (void)__ballot_sync(threadIdx.x == 5 ? 0x3FU : ~0U, 1);
}

TEST(Failures, MasksThatDiffer) {
  expect_failure({at_line(kMixedMasks), "0x0000003f", "0xffffffff"}, mixed_masks,
                 {.grid = 1, .block = 32});
}

constexpr int kLonelyGrid = __LINE__ + 2;
__global__ void lonely_grid() {
  cooperative_groups::this_grid().sync();
}

TEST(Failures, GridBarrierInAPlainLaunch) {
  expect_failure({at_line(kLonelyGrid), "not cooperative"}, lonely_grid, {.grid = 2, .block = 32});
}

constexpr int kSkippedGrid = __LINE__ + 2;
__global__ void skip_grid_barrier() {
  if (blockIdx.x != 2) cooperative_groups::this_grid().sync();
}

TEST(Failures, GridBarrierThatOneBlockSkips) {
  expect_failure({at_line(kSkippedGrid), "64 of 96", "of block (2,0,0) has ended"},
                 skip_grid_barrier, {.grid = 3, .block = 32, .cooperative = true});
}

__global__ void wait_for_next_block(unsigned* flags) {
  if (threadIdx.x > 0) return;
  atomicExch(flags + blockIdx.x, 1U);
  while (cuda::watched(flags + (blockIdx.x + 1) % gridDim.x) == 0) {
  }
}

TEST(Failures, WaitForABlockThatDoesNotRun) {
  test::in_every_order([] {
    test::OnGpu<unsigned> flags(std::vector<unsigned>(3));
    EXPECT_THROW(launch(wait_for_next_block, {.grid = 3, .block = 32}, flags.data()), Error);
  });
  test::OnGpu<unsigned> flags(std::vector<unsigned>(3));
  launch(wait_for_next_block, {.grid = 3, .block = 32, .cooperative = true}, flags.data());
  EXPECT_EQ(flags.copy(), std::vector<unsigned>(3, 1));
}

__global__ void take(int* out, int first, int second) {
  cuda::DynamicShared dynamic;
  (void)static_cast<float*>(dynamic.take<float>(first));
  out[threadIdx.x] = dynamic.take<int>(threadIdx.x == 9 ? second : 10)[0];
}

TEST(Failures, DynamicMemoryBeyondTheLaunch) {
  const test::OnGpu<int> out(32);
  int* const memory = const_cast<int*>(out.data());
  launch(take, {.grid = 1, .block = 32, .shared_bytes = 16 + 40}, memory, 3, 10);
  expect_failure({"64 bytes", "gave 47"}, take, {.grid = 1, .block = 32, .shared_bytes = 47},
                 memory, 3, 10);
  expect_failure({"thread (9,0,0)", "44 bytes", "40"}, take,
                 {.grid = 1, .block = 32, .shared_bytes = 100}, memory, 3, 11);
}

TEST(Failures, LaunchesTheMachineCannotDo) {
  expect_failure({"33 threads"}, lonely_grid, {.grid = 1, .block = 33});
  expect_failure({"1056 threads"}, lonely_grid, {.grid = 1, .block = 1056});
  expect_failure({"65536"}, lonely_grid, {.grid = {1, 65536}, .block = 32});
  expect_failure({"300000 bytes"}, lonely_grid, {.grid = 1, .block = 32, .shared_bytes = 300000});
  expect_failure({"64 cooperative blocks"}, lonely_grid,
                 {.grid = 64, .block = 32, .cooperative = true});
}

#ifdef __SANITIZE_ADDRESS__

__global__ void write_past_the_end(int place) {
  SHARED(int, tile, [32]);
  int* const begin = tile;
  begin[place] = 1;
}

TEST(FailuresDeathTest, SharedMemoryHasEnds) {
  launch(write_past_the_end, {.grid = 1, .block = 32}, 31);
  EXPECT_DEATH(launch(write_past_the_end, {.grid = 1, .block = 32}, 32), "heap-buffer-overflow");
}

TEST(FailuresDeathTest, DeviceMemoryIsNotTheHosts) {
  const kernels::Buffer<int> buffer = kernels::zeros<int>(8, kGpu);
  EXPECT_DEATH(std::exit(*static_cast<const volatile int*>(buffer.data())), "use-after-poison");
}

#endif

#ifdef __SANITIZE_THREAD__

// A value goes from thread to thread of a block, a warp or a grid.
__global__ void pass_value(int* out, bool ordered) {
  SHARED(int, value, );
  if (threadIdx.x == 0) value = 3;
  if (ordered) __syncthreads();
  if (threadIdx.x == 33) *out = value;
}

__global__ void pass_in_warp(int* out, bool ordered) {
  SHARED(int, value, );
  if (threadIdx.x == 0) value = 3;
  if (ordered) __syncwarp();
  const int seen = __shfl_sync(~0U, 1, 0);
  if (threadIdx.x == 20) *out = value + seen;
}

__global__ void pass_on_grid(int* out, bool ordered) {
  if (blockIdx.x == 0 && threadIdx.x == 0) out[1] = 3;
  if (ordered) cooperative_groups::this_grid().sync();
  if (blockIdx.x == 1 && threadIdx.x == 4) *out = out[1];
}

__global__ void pass_by_flag(int* out, unsigned* flag, bool ordered) {
  if (threadIdx.x > 0) return;
  if (blockIdx.x == 0) {
    *out = 3;
    if (ordered) __threadfence();
    atomicAdd(flag, 1U);
  } else {
    while (cuda::watched(flag) == 0) {
    }
    __threadfence();
    *out += 1;
  }
}

template <typename Kernel, typename... Arguments>
void expect_race_without_order(Kernel* kernel, const LaunchShape& shape, Arguments... arguments) {
  launch(kernel, shape, arguments..., true);
  EXPECT_EXIT(
      {
        launch(kernel, shape, arguments..., false);
        std::exit(0);
      },
      testing::ExitedWithCode(66), "data race");
}

TEST(FailuresDeathTest, MissingOrderIsARace) {
  test::OnGpu<int> out(2);
  test::OnGpu<unsigned> flag(std::vector<unsigned>(1));
  expect_race_without_order(pass_value, {.grid = 1, .block = 64}, out.data());
  expect_race_without_order(pass_in_warp, {.grid = 1, .block = 32}, out.data());
  expect_race_without_order(pass_on_grid, {.grid = 2, .block = 32, .cooperative = true},
                            out.data());
  expect_race_without_order(pass_by_flag, {.grid = 2, .block = 32, .cooperative = true}, out.data(),
                            flag.data());
}

// Blocks of a plain launch are not ordered, though they run one after the other.
__global__ void all_blocks_write(int* out) {
  if (threadIdx.x == 0) *out = static_cast<int>(blockIdx.x);
}

TEST(FailuresDeathTest, BlocksRace) {
  test::OnGpu<int> out(1);
  EXPECT_EXIT(
      {
        launch(all_blocks_write, {.grid = 2, .block = 32}, out.data());
        std::exit(0);
      },
      testing::ExitedWithCode(66), "data race");
}

#endif

}  // namespace
}  // namespace explainn::simt
