// Memory of the host that a GPU copies from at full speed.
#pragma once

#include <cstdint>
#include <utility>

#include "kernels/device.h"

namespace explainn::kernels {

/// `words` uninitialised numbers: page-locked for a GPU, ordinary memory where `device` is the CPU.
class Staging {
 public:
  Staging() = default;
  /// Throws Error (with the size) when memory runs out, UsageError where there is no such GPU.
  Staging(std::int64_t words, Device device);
  Staging(Staging&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), device_(other.device_) {}
  Staging& operator=(Staging&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(device_, other.device_);
    return *this;
  }
  ~Staging();

  std::uint32_t* data() { return data_; }
  const std::uint32_t* data() const { return data_; }

 private:
  std::uint32_t* data_ = nullptr;
  Device device_;
};

}  // namespace explainn::kernels
