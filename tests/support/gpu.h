// Tests that run on a GPU, and in the simulation of one: the same source is compiled into both
// programs.
#pragma once

#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "kernels/memory.h"

namespace explainn::test {

inline constexpr Device kGpu{DeviceKind::cuda, 0};

inline bool gpu_there() {
  try {
    kernels::Buffer<float>(1, kGpu);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

/// Skips its tests where there is no GPU.
class OnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!gpu_there()) GTEST_SKIP() << "there is no usable GPU";
  }
};

}  // namespace explainn::test
