// The tensor cores' step against a plain product.
#include "kernels/cuda/tensor_core.h"

#include <gtest/gtest.h>

#include <bit>

#include "kernels/cuda/launch.h"
#include "tests/support/device.h"

namespace explainn::simt {
namespace {

using test::kGpu;

__device__ std::uint32_t pair(float low, float high) {
  return std::bit_cast<std::uint32_t>(low) >> 16 |
         (std::bit_cast<std::uint32_t>(high) & 0xFFFF0000U);
}

// d [16, 8] += a [16, 16] b [16, 8], of numbers that bfloat16 holds.
__global__ void multiply(const float* a, const float* b, float* d) {
  const unsigned row = threadIdx.x / 4;
  const unsigned column = threadIdx.x % 4 * 2;
  const auto a_pair = [&](unsigned i, unsigned k) {
    return pair(a[16 * i + k], a[16 * i + k + 1]);
  };
  const auto b_pair = [&](unsigned k, unsigned j) { return pair(b[8 * k + j], b[8 * k + 8 + j]); };
  const std::uint32_t own_a[4] = {a_pair(row, column), a_pair(row + 8, column),
                                  a_pair(row, column + 8), a_pair(row + 8, column + 8)};
  const std::uint32_t own_b[2] = {b_pair(column, row), b_pair(column + 8, row)};
  float own_d[4];
  for (unsigned i = 0; i < 4; ++i) own_d[i] = d[8 * (row + i / 2 * 8) + column + i % 2];
  cuda::mma_16x8x16(own_d, own_a, own_b);
  for (unsigned i = 0; i < 4; ++i) d[8 * (row + i / 2 * 8) + column + i % 2] = own_d[i];
}

std::vector<float> bfloat16_values(std::int64_t size, std::uint64_t seed) {
  std::vector<float> values = test::random_values<float>(size, seed);
  for (float& value : values) {
    value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xFFFF0000U);
  }
  return values;
}

TEST(TensorCore, StepEqualsPlainProduct) {
  const std::vector<float> a = bfloat16_values(16 * 16, 1);
  const std::vector<float> b = bfloat16_values(16 * 8, 2);
  const std::vector<float> before = test::random_values<float>(16 * 8, 3);
  std::vector<double> expected(before.begin(), before.end());
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (std::size_t k = 0; k < 16; ++k) {
        expected[8 * i + j] +=
            static_cast<double>(a[16 * i + k]) * static_cast<double>(b[8 * k + j]);
      }
    }
  }
  test::in_every_order([&] {
    const test::GpuInput<float> left(a);
    const test::GpuInput<float> right(b);
    test::OnGpu<float> d(before);
    cuda::launch(multiply, {.grid = 1, .block = 32}, left.data(), right.data(), d.data());
    test::expect_close(d.copy(), expected, 1e-6, "product");
  });
}

}  // namespace
}  // namespace explainn::simt
