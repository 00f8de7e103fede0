// Tests of what runs on a GPU: the real one, or the simulation of one where a test is compiled into
// simt_tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/base/error.h"
#include "kernels/memory.h"
#include "tests/support/buffers.h"

namespace explainn::test {

inline constexpr Device kGpu{.kind = DeviceKind::cuda, .index = 0};

/// A test that is skipped, and says why, where there is no usable GPU.
class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      const kernels::Buffer<char> some(1, kGpu);
    } catch (const UsageError& error) {
      GTEST_SKIP() << error.what();
    }
  }
};

/// Numbers on the GPU between two guards, for what a kernel writes: poisoned, or with given ones
/// for what a call adds to. Its end fails the test if a guard was written.
template <typename T>
class OnGpu {
 public:
  explicit OnGpu(std::int64_t size)
      : OnGpu(std::vector<T>(static_cast<std::size_t>(size), poison<T>())) {}
  explicit OnGpu(const std::vector<T>& values) : before_(values.size() + 2 * kGuard, poison<T>()) {
    std::copy(values.begin(), values.end(), before_.begin() + kGuard);
    memory_ = kernels::copied_to(kGpu, std::span<const T>(before_));
  }
  OnGpu(const OnGpu&) = delete;
  OnGpu& operator=(const OnGpu&) = delete;
  ~OnGpu() { expect_untouched(kGuard); }

  T* data() { return memory_.data() + kGuard; }
  const T* data() const { return memory_.data() + kGuard; }
  /// What is there now, on the host.
  std::vector<T> copy() const {
    std::vector<T> values(before_.size() - 2 * kGuard);
    kernels::copy_from(kGpu, data(), std::span<T>(values));
    return values;
  }

 protected:
  /// Expects that the first and the last `count` numbers, guards included, are as they were.
  void expect_untouched(std::size_t count) const {
    std::vector<T> now(before_.size());
    try {
      kernels::copy_from(kGpu, memory_.data(), std::span<T>(now));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
      return;
    }
    const std::span<const T> before(before_), after(now);
    EXPECT_TRUE(same_bits(after.first(count), before.first(count))) << "written where not allowed";
    EXPECT_TRUE(same_bits(after.last(count), before.last(count))) << "written where not allowed";
  }
  std::size_t all() const { return before_.size(); }

 private:
  static constexpr std::size_t kGuard = 32;
  std::vector<T> before_;
  kernels::Buffer<T> memory_;
};

/// An input of a kernel on the GPU. Its end fails the test if the kernel changed it.
template <typename T>
class GpuInput : private OnGpu<T> {
 public:
  explicit GpuInput(const std::vector<T>& values) : OnGpu<T>(values) {}
  ~GpuInput() { this->expect_untouched(this->all()); }
  const T* data() const { return OnGpu<T>::data(); }
};

}  // namespace explainn::test
