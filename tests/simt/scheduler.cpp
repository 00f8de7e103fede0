#include "tests/simt/scheduler.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "simt/launch.h"
#include "simt/warp.h"
#include "tests/simt/fiber.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace explainn::simt {
namespace {

// Switches without any thread coming further than spinning: someone waits for what never comes.
constexpr long long kMostIdleTicks = 20'000'000;

enum class State { ready, at_block, at_warp, at_grid, done };

struct Block;

struct Thread {
  Fiber fiber;
  Block* block = nullptr;
  unsigned number = 0;  // within the block
  uint3 index{};
  State state = State::ready;
  std::function<void()> for_host;  // to be done while no fiber runs
};

// A meeting of the lanes of one mask.
struct Meeting {
  unsigned mask = 0, arrived = 0;
  Place place;
  Exchange exchange = nullptr;
  void* slots[32] = {};
};

struct Warp {
  std::vector<Meeting> meetings;
  char sync[2] = {};
  unsigned generation = 0;
};

struct Barrier {
  unsigned arrived = 0;
  int count = 0;
  int result[2] = {};
  unsigned generation = 0;
  Place place;
  char sync[2] = {};
};

struct Chunk {
  void* memory;
  std::size_t bytes;
};

struct Block {
  uint3 index{};
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  Barrier barrier;
  std::map<const void*, Chunk> arrays;
  std::vector<Chunk> pieces;
  std::size_t dynamic_bytes = 0;

  ~Block() {
    for (auto& [key, chunk] : arrays) std::free(chunk.memory);
    for (const Chunk& chunk : pieces) std::free(chunk.memory);
  }
};

struct Launch {
  const cudaLaunchConfig_t* config = nullptr;
  Work work{};
  bool cooperative = false;
  std::size_t blocks = 0;  // of the grid
  Barrier grid;
  bool failed = false;
};

Launch current;
Thread* running = nullptr;
std::string failure;
long long tick = 0;
long long idle_since = 0;
char fences;

Order order = Order::forward;
std::uint64_t order_seed = 0;
std::mt19937_64 random_numbers;

struct OrderFromEnvironment {
  OrderFromEnvironment() {
    const char* text = std::getenv("EXPLAINN_SIMT_ORDER");
    if (text == nullptr || std::strcmp(text, "forward") == 0) return;
    if (std::strcmp(text, "reverse") == 0) {
      set_order(Order::reverse);
    } else {
      set_order(Order::random, std::strtoull(text, nullptr, 10));
    }
  }
} order_from_environment;

void wait_in(State state) {
  Thread& thread = *running;
  thread.state = state;
  switch_to_host(thread.fiber, false);
}

std::string text_of(const Place& place) {
  return std::string(place.file_name()) + ":" + std::to_string(place.line()) + ":" +
         std::to_string(place.column());
}

std::string text_of(const Thread& thread) {
  const auto three = [](const uint3& i) {
    return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) +
           ")";
  };
  return "thread " + three(thread.index) + " of block " + three(thread.block->index);
}

void note_failure(const std::string& what) {
  if (!current.failed) failure = what;
  current.failed = true;
}

// Ends the launch from within a fiber, which is never run again.
[[noreturn]] void fail(const std::string& what, const Place& place) {
  note_failure(text_of(place) + ": " + text_of(*running) + ": " + what);
  running->state = State::done;
  switch_to_host(running->fiber, true);
  std::abort();
}

bool same(const Place& a, const Place& b) {
  return a.line() == b.line() && a.column() == b.column() &&
         std::strcmp(a.file_name(), b.file_name()) == 0;
}

// Arrival at a barrier of `size` threads; `wake` makes those that wait ready.
template <typename Wake>
int arrive(Barrier& barrier, std::size_t size, bool predicate, const Place& place, State state,
           const Wake& wake) {
  if (barrier.arrived > 0 && !same(barrier.place, place)) {
    fail("comes to a barrier while others wait at " + text_of(barrier.place), place);
  }
  barrier.place = place;
  const unsigned generation = barrier.generation;
  char* const sync = &barrier.sync[generation % 2];
  release(sync);
  ++barrier.arrived;
  barrier.count += predicate ? 1 : 0;
  if (barrier.arrived == size) {
    barrier.result[generation % 2] = barrier.count;
    barrier.arrived = 0;
    barrier.count = 0;
    ++barrier.generation;
    idle_since = tick;
    wake();
  } else {
    wait_in(state);
  }
  acquire(sync);
  return barrier.result[generation % 2];
}

void entry() {
  Thread& thread = *running;
  arrive_in_fiber(thread.fiber);
  current.work.call(current.work.data);
  thread.state = State::done;
  idle_since = tick;
  switch_to_host(thread.fiber, true);
  std::abort();
}

std::unique_ptr<Block> make_block(std::size_t number, std::size_t first_stack) {
  const cudaLaunchConfig_t& config = *current.config;
  auto block = std::make_unique<Block>();
  const dim3 grid = config.gridDim;
  const dim3 size = config.blockDim;
  block->index = {static_cast<unsigned>(number % grid.x),
                  static_cast<unsigned>(number / grid.x % grid.y),
                  static_cast<unsigned>(number / grid.x / grid.y)};
  block->dynamic_bytes = config.dynamicSmemBytes;
  const std::size_t threads = std::size_t{size.x} * size.y * size.z;
  block->threads.resize(threads);
  block->warps.resize((threads + 31) / 32);
  for (std::size_t i = 0; i < threads; ++i) {
    Thread& thread = block->threads[i];
    thread.block = block.get();
    thread.number = static_cast<unsigned>(i);
    thread.index = {static_cast<unsigned>(i % size.x), static_cast<unsigned>(i / size.x % size.y),
                    static_cast<unsigned>(i / size.x / size.y)};
    thread.fiber.stack = stack_number(first_stack + i);
    prepare(thread.fiber, entry);
  }
  return block;
}

void run(Thread& thread) {
  running = &thread;
  do {
    threadIdx = thread.index;
    blockIdx = thread.block->index;
    ++tick;
    thread.for_host = nullptr;
    switch_to(thread.fiber);
    if (thread.for_host) thread.for_host();
  } while (thread.for_host && !current.failed);
  running = nullptr;
}

void explain_standstill(const std::vector<std::unique_ptr<Block>>& blocks) {
  for (const auto& block : blocks) {
    for (const Thread& thread : block->threads) {
      if (thread.state == State::done) continue;
      const Warp& warp = block->warps[thread.number / 32];
      const char* what = "waits for the grid at ";
      Place place = current.grid.place;
      if (thread.state == State::at_block) {
        what = "waits at a barrier that not all threads of its block reach, ";
        place = block->barrier.place;
      } else if (thread.state == State::at_warp && !warp.meetings.empty()) {
        what = "waits for lanes that do not come, at ";
        place = warp.meetings.front().place;
      }
      note_failure(text_of(place) + ": " + text_of(thread) + " " + what + text_of(place));
      return;
    }
  }
}

// All threads of some blocks to their ends.
void run_blocks(std::vector<std::unique_ptr<Block>>& blocks) {
  std::vector<Thread*> threads;
  for (auto& block : blocks) {
    for (Thread& thread : block->threads) threads.push_back(&thread);
  }
  if (order == Order::reverse) std::reverse(threads.begin(), threads.end());
  idle_since = tick;
  for (bool all_done = false; !all_done && !current.failed;) {
    if (order == Order::random) std::shuffle(threads.begin(), threads.end(), random_numbers);
    bool any = false;
    all_done = true;
    for (Thread* thread : threads) {
      if (thread->state == State::done) continue;
      all_done = false;
      if (thread->state != State::ready) continue;
      any = true;
      run(*thread);
      if (current.failed) break;
    }
    if (!all_done && !any) explain_standstill(blocks);
    if (tick - idle_since > kMostIdleTicks) note_failure("the threads spin without end");
  }
  for (Thread* thread : threads) dismiss(thread->fiber);
}

// Kernels that were launched, as addresses within the program: a test compares them with the list
// of all kernels.
void record_kernel(const void* kernel) {
  static const char* const path = std::getenv("EXPLAINN_SIMT_KERNELS");
  if (path == nullptr) return;
  static std::set<const void*> known;
  if (!known.insert(kernel).second) return;
  Dl_info info{};
  if (dladdr(kernel, &info) == 0) return;
  if (std::FILE* file = std::fopen(path, "a")) {
    std::fprintf(file, "%zx\n",
                 static_cast<std::size_t>(static_cast<const char*>(kernel) -
                                          static_cast<const char*>(info.dli_fbase)));
    std::fclose(file);
  }
}

bool fits(const cudaLaunchConfig_t& config) {
  const std::size_t threads =
      std::size_t{config.blockDim.x} * config.blockDim.y * config.blockDim.z;
  return threads > 0 && threads <= 1024 && threads % 32 == 0 &&
         config.dynamicSmemBytes <= static_cast<std::size_t>(kSharedBytes) &&
         config.gridDim.x > 0 && config.gridDim.y > 0 && config.gridDim.z > 0 &&
         config.gridDim.y < 65536 && config.gridDim.z < 65536;
}

}  // namespace

void set_order(Order chosen, std::uint64_t seed) {
  order = chosen;
  order_seed = seed;
  random_numbers.seed(seed);
}

void for_each_order(const std::function<void()>& body) {
  const Order before = order;
  const std::uint64_t seed = order_seed;
  set_order(Order::forward);
  body();
  set_order(Order::reverse);
  body();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    set_order(Order::random, i);
    body();
  }
  set_order(before, seed);
}

const std::string& last_failure() {
  return failure;
}

cudaError_t launch(const cudaLaunchConfig_t& config, const Work& work) {
  if (!fits(config)) return cudaErrorInvalidConfiguration;
  current = Launch{};
  current.config = &config;
  current.work = work;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    if (config.attrs[i].id == cudaLaunchAttributeCooperative) {
      current.cooperative = config.attrs[i].val.cooperative != 0;
    }
  }
  current.blocks = std::size_t{config.gridDim.x} * config.gridDim.y * config.gridDim.z;
  if (current.cooperative && current.blocks > static_cast<std::size_t>(kProcessors)) {
    return cudaErrorCooperativeLaunchTooLarge;
  }
  record_kernel(work.kernel);
  failure.clear();
  blockDim = config.blockDim;
  gridDim = config.gridDim;
  const std::size_t threads =
      std::size_t{config.blockDim.x} * config.blockDim.y * config.blockDim.z;
  std::vector<std::size_t> numbers(current.blocks);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  if (order == Order::reverse) std::reverse(numbers.begin(), numbers.end());
  if (order == Order::random) std::shuffle(numbers.begin(), numbers.end(), random_numbers);
  const std::size_t at_once = current.cooperative ? numbers.size() : 1;
  for (std::size_t first = 0; first < numbers.size() && !current.failed; first += at_once) {
    std::vector<std::unique_ptr<Block>> blocks;
    for (std::size_t i = first; i < first + at_once; ++i) {
      blocks.push_back(make_block(numbers[i], (i - first) * threads));
    }
    run_blocks(blocks);
  }
  return current.failed ? cudaErrorLaunchFailure : cudaSuccess;
}

int block_barrier(bool predicate, const Place& place) {
  Block& block = *running->block;
  return arrive(block.barrier, block.threads.size(), predicate, place, State::at_block, [&block] {
    for (Thread& thread : block.threads) {
      if (thread.state == State::at_block) thread.state = State::ready;
    }
  });
}

void grid_barrier(const Place& place) {
  if (!current.cooperative) fail("waits for the grid in a launch that is not cooperative", place);
  // Blocks of a cooperative launch stand in memory one after the other only in the scheduler's
  // list, so each waits in its own state until the last one comes.
  static std::vector<Thread*> waiting;
  const std::size_t threads = current.blocks * running->block->threads.size();
  if (current.grid.arrived == 0) waiting.clear();
  waiting.push_back(running);
  arrive(current.grid, threads, false, place, State::at_grid, [] {
    for (Thread* thread : waiting) {
      if (thread->state == State::at_grid) thread->state = State::ready;
    }
  });
}

void warp_exchange(unsigned mask, void* slot, Exchange exchange, const Place& place) {
  Block& block = *running->block;
  Warp& warp = block.warps[running->number / 32];
  const unsigned own = running->number % 32;
  if ((mask >> own & 1U) == 0) fail("is not named by the mask of its own warp operation", place);
  for (unsigned other = 0; other < 32; ++other) {
    if ((mask >> other & 1U) == 0) continue;
    const std::size_t number = running->number / 32 * 32 + other;
    if (number >= block.threads.size() || block.threads[number].state == State::done) {
      fail("names a lane that is not there or has ended", place);
    }
  }
  Meeting* meeting = nullptr;
  for (Meeting& open : warp.meetings) {
    if ((open.mask & mask) == 0) continue;
    if (open.mask != mask || !same(open.place, place) || open.exchange != exchange) {
      fail("comes to a warp operation while others wait at " + text_of(open.place), place);
    }
    meeting = &open;
  }
  if (meeting == nullptr) {
    meeting = &warp.meetings.emplace_back();
    meeting->mask = mask;
    meeting->place = place;
    meeting->exchange = exchange;
  }
  meeting->arrived |= 1U << own;
  meeting->slots[own] = slot;
  if (meeting->arrived != mask) {
    wait_in(State::at_warp);
    return;
  }
  const Meeting complete = *meeting;
  warp.meetings.erase(warp.meetings.begin() + (meeting - warp.meetings.data()));
  if (exchange != nullptr) exchange(complete.slots);
  idle_since = tick;
  for (unsigned other = 0; other < 32; ++other) {
    if (other == own || (mask >> other & 1U) == 0) continue;
    block.threads[running->number / 32 * 32 + other].state = State::ready;
  }
}

void warp_barrier(unsigned mask, const Place& place) {
  Warp& warp = running->block->warps[running->number / 32];
  // Alternates, or a later arrival would order what it must not.
  struct Lane {
    unsigned generation;
  };
  char* const sync = &warp.sync[warp.generation % 2];
  release(sync);
  Lane slot{warp.generation};
  warp_exchange(mask, &slot, nullptr, place);
  if (warp.generation == slot.generation) ++warp.generation;
  acquire(sync);
}

unsigned lane() {
  return running->number % 32;
}

namespace {

// Runs `task` while the host is in charge: ThreadSanitizer takes an allocation for a write.
void on_host(std::function<void()> task) {
  Thread& thread = *running;
  thread.for_host = std::move(task);
  switch_to_host(thread.fiber, false);
}

Chunk new_chunk(std::size_t bytes, std::size_t alignment) {
  alignment = std::max<std::size_t>(alignment, 16);
  void* const memory = std::aligned_alloc(
      alignment, (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment);
  std::memset(memory, 0xFF, bytes);
  return {memory, bytes};
}

}  // namespace

void* shared_chunk(const void* key, std::size_t bytes, std::size_t alignment) {
  Block& block = *running->block;
  if (!block.arrays.contains(key)) {
    on_host([&] { block.arrays[key] = new_chunk(bytes, alignment); });
  }
  return block.arrays[key].memory;
}

void* dynamic_chunk(int index, std::size_t bytes) {
  Block& block = *running->block;
  const auto number = static_cast<std::size_t>(index);
  if (number == block.pieces.size()) {
    std::size_t used = 0;
    for (const Chunk& piece : block.pieces) used += (piece.bytes + 15) / 16 * 16;
    if (used + bytes > block.dynamic_bytes) {
      fail("takes more dynamic shared memory than the " + std::to_string(block.dynamic_bytes) +
               " bytes of the launch",
           Place::current());
    }
    on_host([&] { block.pieces.push_back(new_chunk(bytes, 16)); });
  }
  if (number >= block.pieces.size() || block.pieces[number].bytes != bytes) {
    fail("takes other pieces of dynamic shared memory than the threads before it",
         Place::current());
  }
  return block.pieces[number].memory;
}

void at_atomic(const void*) {
  if (order == Order::random && random_numbers() % 8 == 0) wait_in(State::ready);
}

void fence() {
  acquire(&fences);
  release(&fences);
}

void pause() {
  wait_in(State::ready);
}

long long ticks() {
  return tick;
}

void trap(const Place& place) {
  fail("ends the launch", place);
}

}  // namespace explainn::simt
