// Memory for kernel tests: outputs that show what was not written and what was written too much,
// inputs that show whether they were touched, and numbers that are the same in every run.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

namespace explainn::test {

/// `size` uniform numbers in [low, high), rounded to float, so that float and double tests see the
/// same ones.
template <typename T>
std::vector<T> random_values(std::int64_t size, std::uint64_t seed, double low = -1,
                             double high = 1) {
  std::mt19937_64 random(seed);
  std::vector<T> values(static_cast<std::size_t>(size));
  for (T& value : values) {
    const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
    value = static_cast<T>(static_cast<float>(low + (high - low) * unit));
  }
  return values;
}

/// What an output holds before a call: NaN, or for integers a byte pattern that no test expects.
template <typename T>
T poison() {
  if constexpr (std::is_floating_point_v<T>) {
    return std::numeric_limits<T>::quiet_NaN();
  } else {
    T value;
    std::memset(&value, 0xA5, sizeof(T));
    return value;
  }
}

/// Whether two arrays hold the same bits (NaN equals NaN, 0 differs from -0).
template <typename T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

/// An output of `size` poisoned elements between two guards. Its end fails the test if a guard was
/// written.
template <typename T>
class Guarded {
 public:
  explicit Guarded(std::int64_t size)
      : memory_(static_cast<std::size_t>(size) + 2 * kGuard, poison<T>()) {}
  /// The same with given numbers, for what a call adds to.
  explicit Guarded(const std::vector<T>& values)
      : Guarded(static_cast<std::int64_t>(values.size())) {
    std::copy(values.begin(), values.end(), data());
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    const std::vector<T> untouched(kGuard, poison<T>());
    const std::span<const T> all(memory_);
    EXPECT_TRUE(same_bits<T>(all.first(kGuard), untouched)) << "written before the buffer's begin";
    EXPECT_TRUE(same_bits<T>(all.last(kGuard), untouched)) << "written past the buffer's end";
  }

  T* data() { return memory_.data() + kGuard; }
  std::span<const T> values() const {
    return std::span<const T>(memory_).subspan(kGuard, memory_.size() - 2 * kGuard);
  }
  std::vector<T> copy() const { return {values().begin(), values().end()}; }
  T operator[](std::int64_t i) const { return values()[static_cast<std::size_t>(i)]; }

 private:
  static constexpr std::size_t kGuard = 32;
  std::vector<T> memory_;
};

/// A const input of a kernel. Its end fails the test if the kernel changed it.
template <typename T>
class Input {
 public:
  explicit Input(std::vector<T> values) : values_(std::move(values)), copy_(values_) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { EXPECT_TRUE(same_bits<T>(values_, copy_)) << "an input was changed"; }

  const T* data() const { return values_.data(); }
  std::span<const T> values() const { return values_; }
  T operator[](std::int64_t i) const { return values_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<T> values_;
  std::vector<T> copy_;
};

}  // namespace explainn::test
