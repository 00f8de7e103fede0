// The simulated machine.
#pragma once

#include <cstddef>

namespace explainn::simt {

/// From now on the runtime counts one device; before, none.
void show_device();

inline constexpr int kMultiprocessors = 4;
inline constexpr int kThreadsPerBlock = 1024;
inline constexpr int kThreadsPerMultiprocessor = 2048;
inline constexpr int kBlocksPerMultiprocessor = 2;  ///< at once: cooperative grids stay small
inline constexpr std::size_t kSharedBytes = std::size_t{48} << 10;  ///< a block, without asking
inline constexpr std::size_t kSharedBytesAskedFor = std::size_t{227} << 10;
inline constexpr std::size_t kSharedBytesPerMultiprocessor = std::size_t{228} << 10;
inline constexpr std::size_t kMemoryBytes = std::size_t{16} << 30;

}  // namespace explainn::simt
