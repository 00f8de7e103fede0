// Runs a test of kernels in several orders of the simulated threads.
#pragma once

#include <gtest/gtest.h>

#include "tests/simt/turn_order.h"

namespace explainn::simt {

/// Runs `test` once in each of test_orders(); a failure names the order.
template <typename Test>
void for_each_order(const Test& test) {
  const TurnOrder before = turn_order();
  for (const TurnOrder& order : test_orders()) {
    SCOPED_TRACE("turns " + order.name());
    set_turn_order(order);
    test();
    if (testing::Test::HasFatalFailure()) break;
  }
  set_turn_order(before);
}

}  // namespace explainn::simt
