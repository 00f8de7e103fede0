#include "tests/simt/scheduler.h"

#include <algorithm>
#include <numeric>

#include "tests/simt/turn_order.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace explainn::simt {

Launch* launched = nullptr;
Thread* current = nullptr;

namespace {

// Turns in a row that ended in nothing but a pause, after which a launch counts as stuck.
constexpr std::uint64_t kIdleTurns = std::uint64_t{1} << 22;
// ThreadSanitizer knows 8,128 threads; fibers of this many are kept apart, more are run in turns
// that it takes for ordered.
constexpr std::uint64_t kSanitizedThreads = 8000;

void run_thread() {
  arrive_in_fiber(current->fiber);
  acquire(&launched->start);
  launched->work.call(launched->work.data);
  current->state = State::ended;
  switch_to_host(current->fiber, true);
}

uint3 index_of(std::uint64_t number, const dim3& extents) {
  return {static_cast<unsigned>(number % extents.x),
          static_cast<unsigned>(number / extents.x % extents.y),
          static_cast<unsigned>(number / extents.x / extents.y)};
}

void resume(Launch& launch, Thread& thread) {
  current = &thread;
  threadIdx = thread.index;
  blockIdx = thread.block->index;
  ++launch.turns;
  ++launch.idle_turns;  // what is not a pause sets it to 0
  do {
    launch.chunk_wanted_by = nullptr;
    switch_to(thread.fiber);
    if (launch.chunk_wanted_by != nullptr) thread.block->shared.add(launch.chunk_request);
  } while (launch.chunk_wanted_by != nullptr);
  if (thread.state != State::ready) launch.idle_turns = 0;
}

// The order of one round of turns.
void order_turns(Launch& launch, std::vector<unsigned>& turns) {
  if (!launch.shuffled) return;
  for (std::size_t i = turns.size(); i > 1; --i) {
    std::swap(turns[i - 1], turns[next_random(launch.random) % i]);
  }
}

std::vector<unsigned> first_turns(std::size_t count) {
  std::vector<unsigned> turns(count);
  std::iota(turns.begin(), turns.end(), 0U);
  if (turn_order().kind == TurnOrder::Kind::reverse) std::reverse(turns.begin(), turns.end());
  return turns;
}

// Runs threads [first, first + count) until all have ended or the launch has failed.
void run_together(Launch& launch, Thread* first, std::size_t count) {
  std::vector<unsigned> turns = first_turns(count);
  while (!turns.empty()) {
    order_turns(launch, turns);
    bool some_ran = false;
    bool some_ended = false;
    for (const unsigned number : turns) {
      Thread& thread = first[number];
      if (thread.state != State::ready) continue;
      resume(launch, thread);
      if (!launch.failure.empty()) return;
      some_ran = true;
      some_ended |= thread.state == State::ended;
    }
    if (!some_ran) {
      launch.failure = stuck(launch, first, count);
      return;
    }
    if (launch.idle_turns > kIdleTurns) {
      launch.failure = "threads wait without end, " + text_of(*current) +
                       " among them; only a cooperative launch may wait for other blocks";
      return;
    }
    if (some_ended) {
      std::erase_if(turns, [&](unsigned i) { return first[i].state == State::ended; });
    }
  }
}

void set_up_block(Launch& launch, std::size_t slot, std::uint64_t number) {
  Block& block = launch.blocks[slot];
  block.index = index_of(number, launch.config->gridDim);
  block.threads = &launch.threads[slot * launch.threads_per_block];
  block.barrier = {};
  for (unsigned i = 0; i < launch.threads_per_block; ++i) {
    Thread& thread = block.threads[i];
    thread.state = State::ready;
    thread.block = &block;
    thread.number = i;
    thread.index = index_of(i, launch.config->blockDim);
    thread.fenced = false;
    thread.atomics_seen.clear();
    thread.copies.clear();
    thread.commits = 0;
    thread.fiber.stack = stack_number(slot * launch.threads_per_block + i);
    prepare(thread.fiber, run_thread);
  }
}

void dismiss_blocks(Launch& launch, std::size_t count) {
  for (std::size_t i = 0; i < count * launch.threads_per_block; ++i) {
    dismiss(launch.threads[i].fiber, launch.threads[i].state != State::ended);
  }
  for (std::size_t i = 0; i < count; ++i) launch.blocks[i].shared.clear();
}

}  // namespace

std::uint64_t next_random(std::uint64_t& state) {
  // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  std::uint64_t z = state += 0x9E3779B97F4A7C15ULL;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

void run(Launch& launch) {
  const dim3& grid = launch.config->gridDim;
  const std::uint64_t blocks = std::uint64_t{grid.x} * grid.y * grid.z;
  std::vector<unsigned> order = first_turns(blocks);
  order_turns(launch, order);
  // How many blocks have fibers of their own at once.
  std::uint64_t wave = 1;
  if (launch.cooperative) wave = blocks;
  if (kThreadSanitizer && !launch.cooperative) {
    wave = std::clamp<std::uint64_t>(kSanitizedThreads / launch.threads_per_block, 1, blocks);
  }
  launch.blocks = std::vector<Block>(wave);
  launch.threads = std::vector<Thread>(wave * launch.threads_per_block);
  gridDim = grid;
  blockDim = launch.config->blockDim;
  for (std::uint64_t begin = 0; begin < blocks && launch.failure.empty(); begin += wave) {
    const std::size_t count = std::min(wave, blocks - begin);
    release(&launch.start);
    for (std::size_t i = 0; i < count; ++i) set_up_block(launch, i, order[begin + i]);
    if (launch.cooperative) {
      run_together(launch, launch.threads.data(), launch.threads.size());
    } else {
      for (std::size_t i = 0; i < count && launch.failure.empty(); ++i) {
        run_together(launch, launch.blocks[i].threads, launch.threads_per_block);
      }
    }
    dismiss_blocks(launch, count);
  }
}

void wait() {
  switch_to_host(current->fiber, false);
}

void failed(const std::string& what) {
  launched->failure = text_of(*current) + " " + what;
}

void stop() {
  switch_to_host(current->fiber, false);
  __builtin_unreachable();  // a failed launch gives no more turns
}

}  // namespace explainn::simt
