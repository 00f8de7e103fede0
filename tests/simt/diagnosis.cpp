// What is said of a launch that cannot go on.
#include <algorithm>
#include <bit>
#include <cstring>

#include "tests/simt/scheduler.h"

namespace explainn::simt {
namespace {

std::string index_text(const uint3& index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," +
         std::to_string(index.z) + ")";
}

// What a thread does instead of what others wait for.
std::string doing(const Thread& thread) {
  switch (thread.state) {
    case State::ended:
      return "has ended";
    case State::at_warp:
      return "is at the warp operation " + text_of(thread.place);
    case State::at_block_barrier:
      return "is at the barrier " + text_of(thread.place);
    case State::at_grid_barrier:
      return "is at the grid's barrier " + text_of(thread.place);
    default:
      return "runs";
  }
}

std::string wait_at_warp(const Thread& waiting) {
  const Thread* const lanes = waiting.block->threads + waiting.number / 32 * 32;
  for (unsigned i = 0; i < 32; ++i) {
    const bool there = lanes[i].state == State::at_warp && same_operation(lanes[i], waiting);
    if ((waiting.wait.mask >> i & 1) != 0 && !there) {
      return text_of(waiting) + " waits at the warp operation " + text_of(waiting.place) +
             " for a lane of its mask: " + text_of(lanes[i]) + " " + doing(lanes[i]);
    }
  }
  return text_of(waiting) + " waits at the warp operation " + text_of(waiting.place);
}

// `all` threads should be at the barrier where `waiting` is.
std::string wait_at_barrier(const Thread& waiting, const Thread* all, std::size_t count) {
  const auto there = [&](const Thread& thread) { return thread.state == waiting.state; };
  const auto arrived = static_cast<std::size_t>(std::count_if(all, all + count, there));
  const Thread* const missing = std::find_if_not(all, all + count, there);
  return "the barrier " + text_of(waiting.place) + " was reached by " + std::to_string(arrived) +
         " of " + std::to_string(count) + " threads: " + text_of(*missing) + " " + doing(*missing);
}

}  // namespace

std::string text_of(const Place& place) {
  return std::string(place.file_name()) + ":" + std::to_string(place.line()) + ":" +
         std::to_string(place.column());
}

std::string text_of(const Thread& thread) {
  return "thread " + index_text(thread.index) + " of block " + index_text(thread.block->index);
}

bool same_place(const Place& a, const Place& b) {
  // Mostly one text of the file's name, and strcmp is slow under sanitizers.
  return a.line() == b.line() && a.column() == b.column() &&
         (a.file_name() == b.file_name() || std::strcmp(a.file_name(), b.file_name()) == 0);
}

bool same_operation(const Thread& a, const Thread& b) {
  return a.wait.mask == b.wait.mask && a.wait.exchange == b.wait.exchange &&
         same_place(a.place, b.place);
}

std::string stuck(const Launch& launch, const Thread* first, std::size_t count) {
  const Thread* const end = first + count;
  const auto waits = [&](State state) {
    return std::find_if(first, end, [&](const Thread& thread) { return thread.state == state; });
  };
  if (const Thread* thread = waits(State::at_warp); thread != end) return wait_at_warp(*thread);
  if (const Thread* thread = waits(State::at_block_barrier); thread != end) {
    return wait_at_barrier(*thread, thread->block->threads, launch.threads_per_block);
  }
  return wait_at_barrier(*waits(State::at_grid_barrier), first, count);
}

}  // namespace explainn::simt
