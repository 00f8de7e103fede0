// Stands in for CUDA's asynchronous copies into shared memory: done as late as a GPU may do them,
// where the thread that asked waits for them.
#pragma once

#include <cstddef>
#include <cstring>

#include "simt/device.h"

inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t bytes) {
  explainn::simt::ask_for_copy({to, from, bytes});
}
inline void __pipeline_commit() {
  explainn::simt::commit_copies();
}
inline void __pipeline_wait_prior(std::size_t commits) {
  explainn::simt::Copy copy{};
  while (explainn::simt::next_copy(commits, copy)) std::memcpy(copy.to, copy.from, copy.bytes);
}
