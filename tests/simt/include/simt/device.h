// What simulated threads ask of the scheduler (tests/simt/scheduler.h). Kernels do not call this:
// CUDA's own names for it stand in the headers beside this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>

#include "simt/vector_types.h"

// Set at each switch from thread to thread.
extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
inline constexpr int warpSize = 32;

namespace explainn::simt {

using Place = std::source_location;

/// Waits for the block; gives how many threads said true. Orders memory.
int block_barrier(bool predicate, const Place& place);
/// Waits for the lanes of `mask`. Orders memory.
void warp_barrier(unsigned mask, const Place& place);
/// Waits for all blocks of a cooperative launch. Orders memory.
void grid_barrier(const Place& place);

/// Reads what lanes deposited and writes their results: slots[i] belongs to lane i, null where the
/// mask does not name it.
using Exchange = void (*)(void* const (&slots)[32]);

/// Deposits `slot`, waits for the lanes of `mask`; the last one to come calls `exchange` for all.
/// Does not order memory.
void warp_exchange(unsigned mask, void* slot, Exchange exchange, const Place& place);

/// This thread's place in its warp.
unsigned lane();

/// The block's memory for the shared array whose place in the program is `key`.
void* shared_chunk(const void* key, std::size_t bytes, std::size_t alignment);
/// The block's `index`th piece of dynamic shared memory.
void* dynamic_chunk(int index, std::size_t bytes);

/// An asynchronous copy that this thread asked for, and has still to do.
struct Copy {
  void* to;
  const void* from;
  std::size_t bytes;
};
void ask_for_copy(const Copy& copy);
/// Those asked for so far become one group.
void commit_copies();
/// The next copy to do of all groups but the latest `commits`; false: there is none.
bool next_copy(std::size_t commits, Copy& copy);

/// Before each atomic operation on `address`: other threads may run.
void at_atomic(const void* address);
/// Orders this thread's memory operations around its atomics.
void fence();
/// Lets other threads run.
void pause();
/// A clock that counts the switches between threads.
long long ticks();
/// Ends the launch with an error.
void trap(const Place& place);

}  // namespace explainn::simt
