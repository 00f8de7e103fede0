// Owned memory on a device. A training step asks for the same sizes again and again, so freed
// blocks are kept and handed out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "kernels/device.h"

namespace explainn::kernels {

/// 64-byte aligned, uninitialised. Throws UsageError for a device this build or machine lacks, and
/// Error (with the size) when memory runs out.
void* allocate(Device device, std::size_t bytes);
/// Gives back what allocate() returned for the same device and size. Null is allowed.
void release(Device device, void* memory, std::size_t bytes) noexcept;
/// Returns all kept blocks to the system.
void release_kept_memory() noexcept;

/// Copies between memories of any two devices. On return `from` may change; where `to` is on the
/// CPU, it can be read. All work of this thread on a GPU is in order with it.
void copy_bytes(Device to_device, void* to, Device from_device, const void* from,
                std::size_t bytes);
/// Sets bytes of a device's memory to 0.
void clear_bytes(Device device, void* memory, std::size_t bytes);

/// `size` uninitialised elements of a plain type. Moves, never copies.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t size, Device device = {})
      : data_(static_cast<T*>(allocate(device, static_cast<std::size_t>(size) * sizeof(T)))),
        size_(size),
        device_(device) {}
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        device_(other.device_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(device_, other.device_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { release(device_, data_, static_cast<std::size_t>(size_) * sizeof(T)); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::int64_t i) { return data_[i]; }
  const T& operator[](std::int64_t i) const { return data_[i]; }
  std::int64_t size() const { return size_; }
  Device device() const { return device_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  T* data_ = nullptr;
  std::int64_t size_ = 0;
  Device device_;
};

/// `size` zeros.
template <typename T>
Buffer<T> zeros(std::int64_t size, Device device = {}) {
  Buffer<T> buffer(size, device);
  clear_bytes(device, buffer.data(), static_cast<std::size_t>(size) * sizeof(T));
  return buffer;
}

/// `values` of the CPU on `device`.
template <typename T>
Buffer<T> copied_to(Device device, std::span<const T> values) {
  Buffer<T> buffer(static_cast<std::int64_t>(values.size()), device);
  copy_bytes(device, buffer.data(), {}, values.data(), values.size_bytes());
  return buffer;
}

/// The first `values.size()` numbers of `memory` on `device`, brought to the CPU.
template <typename T>
void copy_from(Device device, const T* memory, std::span<T> values) {
  copy_bytes({}, values.data(), device, memory, values.size_bytes());
}

}  // namespace explainn::kernels
