// The simulated device's memory: the host's heap. Under AddressSanitizer the host may not touch it
// but through CUDA's calls.
#pragma once

#include <mutex>

namespace explainn::simt {

/// Held while something runs on the device. While one lives, device memory may be touched.
class OnDevice {
 public:
  OnDevice();
  ~OnDevice();
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  std::lock_guard<std::recursive_mutex> lock_;
};

}  // namespace explainn::simt
