// Times of work on a GPU by its own clock.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace explainn::bench {

class DeviceEvent {
 public:
  DeviceEvent() { cuda::check(cudaEventCreate(&event_)); }
  ~DeviceEvent() { (void)cudaEventDestroy(event_); }
  DeviceEvent(const DeviceEvent&) = delete;
  DeviceEvent& operator=(const DeviceEvent&) = delete;

  void record() { cuda::check(cudaEventRecord(event_, cuda::stream())); }
  double microseconds_since(const DeviceEvent& start) const {
    cuda::check(cudaEventSynchronize(event_));
    float milliseconds = 0;
    cuda::check(cudaEventElapsedTime(&milliseconds, start.event_, event_));
    return 1e3 * static_cast<double>(milliseconds);
  }

 private:
  cudaEvent_t event_{};
};

struct Spread {
  double median, low, high;  ///< microseconds; the quartiles
};

/// Puts `work` on the stream again and again: the time of one, warmed up, over 11 rounds of about a
/// millisecond and at least five works each.
template <typename Work>
Spread device_time(const Work& work) {
  DeviceEvent start, end;
  const auto round = [&](int count) {
    start.record();
    for (int i = 0; i < count; ++i) work();
    end.record();
    return end.microseconds_since(start) / count;
  };
  round(2);
  constexpr double kRoundMicroseconds = 1000;
  const double first = std::max(round(3), 0.5);
  const int count = std::max(5, static_cast<int>(kRoundMicroseconds / first));
  std::vector<double> times;
  for (int i = 0; i < 11; ++i) times.push_back(round(count));
  std::sort(times.begin(), times.end());
  return {times[5], times[2], times[8]};
}

}  // namespace explainn::bench
