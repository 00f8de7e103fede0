// Stands in for CUDA's cooperative groups: the grid of a cooperative launch and the block.
#pragma once

#include <cuda_runtime.h>

namespace cooperative_groups {

class thread_block {
 public:
  void sync(SIMT_HERE) const { explainn::simt::block_barrier(false, place); }
  unsigned thread_rank() const {
    return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  }
  unsigned size() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned num_threads() const { return size(); }
};

class grid_group {
 public:
  void sync(SIMT_HERE) const { explainn::simt::grid_barrier(place); }
  unsigned long long num_blocks() const {
    return static_cast<unsigned long long>(gridDim.x) * gridDim.y * gridDim.z;
  }
  unsigned long long block_rank() const {
    return (static_cast<unsigned long long>(blockIdx.z) * gridDim.y + blockIdx.y) * gridDim.x +
           blockIdx.x;
  }
  unsigned long long thread_rank() const {
    return block_rank() * thread_block().size() + thread_block().thread_rank();
  }
  unsigned long long size() const { return num_blocks() * thread_block().size(); }
  unsigned long long num_threads() const { return size(); }
};

inline thread_block this_thread_block() {
  return {};
}
inline grid_group this_grid() {
  return {};
}

}  // namespace cooperative_groups
