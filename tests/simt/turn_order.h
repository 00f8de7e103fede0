// The orders in which simulated threads and blocks take their turns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace explainn::simt {

struct TurnOrder {
  enum class Kind { forward, reverse, random } kind = Kind::forward;
  std::uint64_t seed = 0;  ///< of random

  std::string name() const;
};

/// For all launches from now on. At the program's start it is what the environment's
/// EXPLAINN_SIMT_ORDER says: forward (also where it says nothing), reverse or random:SEED.
void set_turn_order(const TurnOrder& order);
TurnOrder turn_order();

/// The orders that a kernel test runs in: forward, reverse and three random ones; only what
/// EXPLAINN_SIMT_ORDER says where it says something; only forward under ThreadSanitizer.
std::vector<TurnOrder> test_orders();

}  // namespace explainn::simt
