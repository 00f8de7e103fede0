// Memory of a real GPU, and what is said where there is none.
#include "kernels/memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/device.h"

namespace explainn::kernels {
namespace {

using test::kGpu;

// Needs no GPU: no machine has that many.
TEST(GpuMemory, RefusesAnAbsentGpu) {
  for (const int index : {-1, 1000}) {
    const Device absent{.kind = DeviceKind::cuda, .index = index};
    try {
      const Buffer<float> buffer(4, absent);
      FAIL() << "memory on a GPU that is not there";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(to_string(absent)), std::string::npos)
          << error.what();
    }
  }
}

class GpuMemoryThere : public test::DeviceTest {};

TEST_F(GpuMemoryThere, SaysHowMuchWasMissing) {
  try {
    const Buffer<std::uint8_t> buffer(std::int64_t{1} << 50, kGpu);
    FAIL() << "a pebibyte of memory";
  } catch (const UsageError& error) {
    FAIL() << "not a wrong request: " << error.what();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("1125899906842624"), std::string::npos) << text;
    EXPECT_NE(text.find("smaller batch"), std::string::npos) << text;
  }
  // And goes on working.
  EXPECT_EQ(zeros<float>(3, kGpu).size(), 3);
}

TEST_F(GpuMemoryThere, CopiesThereAndBack) {
  const std::vector<float> values = test::random_values<float>(1001, 1);
  const Buffer<float> there = copied_to(kGpu, std::span<const float>(values));
  Buffer<float> elsewhere(1001, kGpu);
  copy_bytes(kGpu, elsewhere.data(), kGpu, there.data(), 1001 * sizeof(float));
  clear_bytes(kGpu, elsewhere.data(), sizeof(float));
  std::vector<float> back(1001);
  copy_from(kGpu, elsewhere.data(), std::span<float>(back));
  EXPECT_EQ(back[0], 0);
  back[0] = values[0];
  EXPECT_EQ(back, values);
}

}  // namespace
}  // namespace explainn::kernels
