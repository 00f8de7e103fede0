// Where a backward kernel puts a gradient.
#pragma once

#include "kernels/base/gemm.h"
#include "kernels/base/host_device.h"

namespace explainn::kernels {

/// Memory for the gradient of one input and whether it is replaced or added to. `data` null: this
/// gradient is not wanted and is not computed.
template <typename T>
struct Gradient {
  T* data = nullptr;
  Write write = Write::overwrite;

  EXPLAINN_HOST_DEVICE explicit operator bool() const { return data != nullptr; }
  EXPLAINN_HOST_DEVICE void put(std::int64_t i, T value) const {
    data[i] = write == Write::overwrite ? value : data[i] + value;
  }
};

}  // namespace explainn::kernels
