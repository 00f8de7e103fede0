// Runs the threads of a launch one after the other, a fiber each, in a chosen order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace explainn::simt {

enum class Order { forward, reverse, random };

/// In which order ready threads, and blocks, are taken from now on; `seed` for random ones, which
/// also switch at atomic operations. The environment variable EXPLAINN_SIMT_ORDER (forward,
/// reverse or a seed) sets it at the start.
void set_order(Order order, std::uint64_t seed = 0);

/// Calls `body` forward, in reverse and in three random orders, then sets the order back.
void for_each_order(const std::function<void()>& body);

/// Why the last launch failed: file, line, column, thread. Empty if none did.
const std::string& last_failure();

/// From now on the runtime counts one device; before, none.
void show_device();

/// Multiprocessors of the simulated device (4), each of which takes one block of a cooperative
/// launch, and bytes of shared memory that a block may ask for (227 KiB).
inline constexpr int kProcessors = 4;
inline constexpr int kSharedBytes = 227 * 1024;

}  // namespace explainn::simt
