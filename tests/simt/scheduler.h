// Simulated threads: one fiber each, a block at a time (a cooperative launch: all blocks), switched
// at barriers, warp operations and now and then at atomics. Compiled without sanitizers, which
// would take the scheduler for a part of the kernel.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include "simt/device.h"
#include "simt/launch.h"
#include "tests/simt/fiber.h"
#include "tests/simt/shared_chunks.h"

namespace explainn::simt {

enum class State { ready, at_block_barrier, at_warp, at_grid_barrier, ended };

struct Block;

/// What a lane waits for at a warp operation.
struct WarpWait {
  unsigned mask = 0;
  void* slot = nullptr;
  Exchange exchange = nullptr;  ///< null: __syncwarp
};

struct AskedCopy {
  Copy copy;
  std::size_t group;  ///< commits before it was asked for
};

struct Thread {
  Fiber fiber;
  State state = State::ready;
  Block* block = nullptr;
  unsigned number = 0;  ///< in its block
  uint3 index{};
  Place place;  ///< where it waits
  WarpWait wait;
  std::uint64_t orders[2] = {0, 0};  ///< of warp barriers, in turns, as in Barrier
  const std::uint64_t* order =
      nullptr;  ///< of the warp barrier where it waits: its own or another's
  unsigned barriers = 0;
  unsigned atomics = 0;
  bool fenced = false;
  std::vector<const void*> atomics_seen;  ///< ThreadSanitizer: what the next fence acquires
  std::vector<AskedCopy> copies;          ///< still to be done, in the order asked for
  std::size_t commits = 0;                ///< of copies
};

/// A barrier of a block or a grid. Two variables stand in turns for what it orders: with one, a
/// thread that is late to wake up would see more than it should.
struct Barrier {
  unsigned arrived = 0;
  const Thread* first = nullptr;  ///< that arrived, where others wait for the rest
  unsigned generation = 0;
  int yes = 0;
  int result[2] = {0, 0};
  std::uint64_t orders[2] = {0, 0};
};

struct Block {
  uint3 index{};
  Thread* threads = nullptr;
  Barrier barrier;
  SharedChunks shared;
};

struct Launch {
  const cudaLaunchConfig_t* config = nullptr;
  Work work{};
  bool cooperative = false;
  unsigned threads_per_block = 0;
  std::vector<Block> blocks;    ///< those that have fibers now
  std::vector<Thread> threads;  ///< of these blocks, in order
  Barrier grid_barrier;
  std::uint64_t start = 0;  ///< orders what the host did before
  std::string failure;      ///< empty: none so far
  std::uint64_t random = 0;
  bool shuffled = false;
  std::uint64_t idle_turns = 0;  ///< turns that ended in nothing but a pause
  long long turns = 0;
  Thread* chunk_wanted_by = nullptr;
  ChunkRequest chunk_request{};
};

/// Of the thread that runs.
extern Launch* launched;
extern Thread* current;

/// Gives the turn to others until this thread's state is ready again.
void wait();
/// Notes that the running thread `what`: the launch's failure. stop() must follow, as a statement
/// of its own, or the texts that `what` was made of would never be freed.
void failed(const std::string& what);
/// Ends the launch.
[[noreturn]] void stop();

/// Runs all threads of a launch, or until its failure is set.
void run(Launch& launch);

std::uint64_t next_random(std::uint64_t& state);

/// "file:line:column".
std::string text_of(const Place& place);
/// "thread (x,y,z) of block (x,y,z)".
std::string text_of(const Thread& thread);
/// Why none of the threads [first, first + count) can go on.
std::string stuck(const Launch& launch, const Thread* first, std::size_t count);
bool same_place(const Place& a, const Place& b);
/// Whether two lanes' warp operations are one.
bool same_operation(const Thread& a, const Thread& b);

}  // namespace explainn::simt
