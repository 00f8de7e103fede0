// What a GPU can do at most: that of which kernels are reported as a part.
#pragma once

namespace explainn::bench {

struct DevicePeaks {
  double copy_gb_per_s;       ///< device memory, bytes read and bytes written
  double fma_gflop_per_s;     ///< float, a multiply-add as two
  double shared_gb_per_s;     ///< read from shared memory
  double grid_barrier_us;     ///< all blocks of one launch wait for each other (grid_barrier.h)
  double launch_us;           ///< of an empty kernel behind another
  double recorded_launch_us;  ///< likewise, in a replayed graph
  int processors;
};

/// Of the GPU in use.
DevicePeaks measure_device_peaks();

}  // namespace explainn::bench
