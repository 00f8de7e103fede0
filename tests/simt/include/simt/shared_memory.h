// Shared memory of the simulation: each array and each piece of dynamic memory is a block of the
// heap, so that a sanitizer sees its ends; a thread block finds all bytes set, which is NaN.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simt/device.h"

#define SHARED(type, name, extents)                 \
  static char name##_place;                         \
  using name##_array = type extents;                \
  name##_array& name = *static_cast<name##_array*>( \
      ::explainn::simt::shared_chunk(&name##_place, sizeof(name##_array), alignof(name##_array)))

namespace explainn::cuda {

/// As in kernels/cuda/device_code.h; here a pointer.
template <typename T>
class SharedPiece {
 public:
  SharedPiece() = default;
  explicit SharedPiece(T* memory) : memory_(memory) {}
  operator T*() const { return memory_; }

 private:
  T* memory_ = nullptr;
};

/// As in kernels/cuda/device_code.h. A piece beyond what the launch asked for fails the launch.
class DynamicShared {
 public:
  template <typename T>
  SharedPiece<T> take(std::int64_t count) {
    return SharedPiece<T>(static_cast<T*>(
        simt::dynamic_chunk(pieces_++, static_cast<std::size_t>(count) * sizeof(T))));
  }

 private:
  int pieces_ = 0;
};

/// As in kernels/cuda/device_code.h.
inline unsigned watched(unsigned* address) {
  simt::at_atomic(address);
  simt::pause();
  return __atomic_load_n(address, __ATOMIC_RELAXED);
}

}  // namespace explainn::cuda
