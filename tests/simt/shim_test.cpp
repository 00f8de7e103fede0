// The simulation itself: what its threads compute together, and what it says of kernels that are
// wrong.
#include <cooperative_groups.h>
#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "kernels/cuda/device_code.h"
#include "kernels/cuda/launch.h"
#include "kernels/memory.h"
#include "tests/simt/orders.h"

namespace explainn::simt {
namespace {

using cuda::launch;
using kernels::Buffer;
using kernels::copied_to;
using kernels::copy_from;
using kernels::zeros;

constexpr Device kDevice{DeviceKind::cuda, 0};

template <typename T>
std::vector<T> on_host(const Buffer<T>& buffer) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  copy_from<T>(kDevice, buffer.data(), values);
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

TEST(Shim, BarrierOrdersSharedMemory) {
  for_each_order([] {
    std::vector<int> numbers(5 * 96);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int>(i);
    const auto buffer = copied_to<int>(kDevice, numbers);
    launch(turn_round, {.grid = 5, .block = 96}, const_cast<int*>(buffer.data()));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = static_cast<int>(i / 96 * 96 + 95 - i % 96);
    }
    EXPECT_EQ(on_host(buffer), numbers);
  });
}

}  // namespace
}  // namespace explainn::simt
