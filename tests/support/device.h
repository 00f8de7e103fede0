// Tests of what runs on a GPU: the real one, or the simulation of one where a test is compiled into
// simt_tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/base/error.h"
#include "kernels/base/gradient.h"
#include "kernels/memory.h"
#include "tests/support/buffers.h"
#include "tests/support/compare.h"
#ifdef EXPLAINN_SIMT
#include "tests/simt/orders.h"
#endif

namespace explainn::test {

inline constexpr Device kGpu{.kind = DeviceKind::cuda, .index = 0};

/// From a test's SetUp(): skips it, and says why, where there is no usable GPU.
inline void skip_without_gpu() {
  try {
    const kernels::Buffer<char> some(1, kGpu);
  } catch (const UsageError& error) {
    GTEST_SKIP() << error.what();
  }
}

/// Skips its tests where there is no usable GPU.
class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override { skip_without_gpu(); }
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

/// The same random numbers (as random_values() gives them) for the CPU in double and for the GPU.
template <typename T>
class Twin {
 public:
  Twin(std::int64_t size, std::uint64_t seed, double low = -1, double high = 1)
      : Twin(random_values<double>(size, seed, low, high)) {}
  /// Requires that T holds the values exactly.
  explicit Twin(std::vector<double> values)
      : cpu_(std::move(values)), gpu_(std::vector<T>(cpu_.begin(), cpu_.end())) {}
  const std::vector<double>& values() const { return cpu_; }
  std::size_t size() const { return cpu_.size(); }
  const double* cpu() const { return cpu_.data(); }
  const T* gpu() const { return gpu_.data(); }

 private:
  std::vector<double> cpu_;
  GpuInput<T> gpu_;
};

/// Calls `body` for each order of threads that the simulation tries; twice on a real GPU, where
/// chance orders them.
template <typename Body>
void in_every_order(const Body& body) {
#ifdef EXPLAINN_SIMT
  simt::for_each_order(body);
#else
  body();
  body();
#endif
}

/// Calls `kernel(memory)`, which fills poisoned memory on the GPU, in every order, and expects
/// `expected` (computed in double on the CPU) within `tolerance`, and the same bits each time.
template <typename T, typename Kernel>
void expect_gpu_result(const std::vector<double>& expected, double tolerance, const char* what,
                       const Kernel& kernel) {
  std::vector<T> first;
  in_every_order([&] {
    OnGpu<T> out(static_cast<std::int64_t>(expected.size()));
    kernel(out.data());
    const std::vector<T> result = out.copy();
    expect_close(result, expected, tolerance, what);
    if (first.empty()) first = result;
    EXPECT_TRUE(same_bits<T>(result, first)) << what << ": other bits in another order";
  });
}

/// As expect_gradient(), on the GPU and in every order: `kernel(slot)` with a slot that overwrites
/// and one that adds.
template <typename T, typename Kernel>
void expect_gpu_gradient(const std::vector<double>& expected, double tolerance, const char* what,
                         const Kernel& kernel) {
  expect_gpu_result<T>(expected, tolerance, what, [&](T* out) {
    kernel(kernels::Gradient<T>{out, kernels::Write::overwrite});
  });
  const auto before = random_values<T>(static_cast<std::int64_t>(expected.size()), 99);
  OnGpu<T> added(before);
  kernel(kernels::Gradient<T>{added.data(), kernels::Write::accumulate});
  std::vector<double> total = expected;
  for (std::size_t i = 0; i < total.size(); ++i) total[i] += static_cast<double>(before[i]);
  expect_close(added.copy(), total, tolerance, what);
}

}  // namespace explainn::test
