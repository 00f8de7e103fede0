// Barriers, warp operations and fences: what simulated threads wait for.
#include <bit>
#include <cstring>

#include "simt/warp.h"
#include "tests/simt/scheduler.h"

namespace explainn::simt {
namespace {

// Waits at `barrier` for `count` threads, `all[0 .. count)`; gives how many said yes.
int pass(Barrier& barrier, State state, Thread* all, unsigned count, bool yes, const Place& place) {
  // Those that wait came to the place of the first one: no need to look at all of them.
  if (barrier.arrived == 0) {
    barrier.first = current;
  } else if (const Thread& first = *barrier.first; !same_place(first.place, place)) {
    failed("is at the barrier " + text_of(place) + ", but " + text_of(first) + " is at " +
           text_of(first.place));
    stop();
  }
  const unsigned turn = barrier.generation & 1;
  release(&barrier.orders[turn]);
  barrier.yes += yes ? 1 : 0;
  current->place = place;
  if (++barrier.arrived < count) {
    current->state = state;
    wait();
  } else {
    barrier.result[turn] = barrier.yes;
    barrier.arrived = 0;
    barrier.yes = 0;
    ++barrier.generation;
    for (unsigned i = 0; i < count; ++i) all[i].state = State::ready;
    launched->idle_turns = 0;
  }
  acquire(&barrier.orders[turn]);
  return barrier.result[turn];
}

std::string mask_text(unsigned mask) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}

}  // namespace

int block_barrier(bool predicate, const Place& place) {
  return pass(current->block->barrier, State::at_block_barrier, current->block->threads,
              launched->threads_per_block, predicate, place);
}

void grid_barrier(const Place& place) {
  if (!launched->cooperative) {
    failed("waits for the grid at " + text_of(place) + ", but the launch is not cooperative");
    stop();
  }
  pass(launched->grid_barrier, State::at_grid_barrier, launched->threads.data(),
       static_cast<unsigned>(launched->threads.size()), false, place);
}

void warp_exchange(unsigned mask, void* slot, Exchange exchange, const Place& place) {
  Thread* const lanes = current->block->threads + current->number / 32 * 32;
  if ((mask >> (current->number % 32) & 1) == 0) {
    failed("is not in the mask " + mask_text(mask) + " of its warp operation at " + text_of(place));
    stop();
  }
  current->place = place;
  current->wait = {mask, slot, exchange};
  unsigned here = 1U << current->number % 32;
  for (unsigned i = 0; i < 32; ++i) {
    if ((mask >> i & 1) == 0 || lanes[i].state != State::at_warp) continue;
    if (same_operation(lanes[i], *current)) {
      here |= 1U << i;
    } else if ((lanes[i].wait.mask >> (current->number % 32) & 1) != 0) {
      // Each waits for the other.
      failed("is at the warp operation " + text_of(place) + " with mask " + mask_text(mask) +
             ", but " + text_of(lanes[i]) + " is at " + text_of(lanes[i].place) + " with mask " +
             mask_text(lanes[i].wait.mask));
      stop();
    }
  }
  if (here != mask) {
    current->state = State::at_warp;
    wait();
    return;
  }
  void* slots[32];
  for (unsigned i = 0; i < 32; ++i) {
    const bool named = (mask >> i & 1) != 0;
    slots[i] = named ? lanes[i].wait.slot : nullptr;
    if (named) lanes[i].state = State::ready;
  }
  launched->idle_turns = 0;
  if (exchange != nullptr) exchange(slots);
}

void warp_barrier(unsigned mask, const Place& place) {
  current->place = place;
  current->wait = {mask, nullptr, nullptr};
  // The first lane to come brings the variable.
  current->order = &current->orders[current->barriers++ & 1];
  const Thread* const lanes = current->block->threads + current->number / 32 * 32;
  for (unsigned i = 0; i < 32; ++i) {
    if (lanes[i].state == State::at_warp && same_operation(lanes[i], *current)) {
      current->order = lanes[i].order;
    }
  }
  const std::uint64_t* const order = current->order;
  release(order);
  warp_exchange(mask, nullptr, nullptr, place);
  acquire(order);
}

unsigned lane() {
  return current->number % 32;
}

void pause() {
  wait();
}

void ask_for_copy(const Copy& copy) {
  current->copies.push_back({copy, current->commits});
}

void commit_copies() {
  ++current->commits;
}

bool next_copy(std::size_t commits, Copy& copy) {
  std::vector<AskedCopy>& asked = current->copies;
  if (asked.empty() || asked.front().group + commits >= current->commits) return false;
  copy = asked.front().copy;
  asked.erase(asked.begin());
  return true;
}

void at_atomic(const void* address) {
  if (kThreadSanitizer) {
    // A fence makes the atomics after it publish, and lets what the atomics before it saw be read.
    if (current->fenced) release(address);
    bool known = false;
    for (const void* seen : current->atomics_seen) known |= seen == address;
    if (!known) current->atomics_seen.push_back(address);
  }
  const bool turn =
      launched->shuffled ? next_random(launched->random) % 4 == 0 : ++current->atomics % 64 == 0;
  if (turn) wait();
}

void fence() {
  current->fenced = true;
  for (const void* seen : current->atomics_seen) acquire(seen);
  current->atomics_seen.clear();
}

long long ticks() {
  return launched->turns;
}

void trap(const Place& place) {
  failed("stopped at " + text_of(place));
  stop();
}

}  // namespace explainn::simt
