// The contract of kernels::Gradient, checked on a kernel.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "kernels/base/gradient.h"
#include "tests/support/buffers.h"
#include "tests/support/compare.h"

namespace explainn::test {

/// Calls `kernel(slot)` with a slot that overwrites poisoned memory and one that adds to numbers
/// already there, and expects the gradient `expected` (computed in double) of both.
template <typename T, typename Kernel>
void expect_gradient(const std::vector<double>& expected, double tolerance, const char* what,
                     const Kernel& kernel) {
  Guarded<T> fresh(static_cast<std::int64_t>(expected.size()));
  kernel(kernels::Gradient<T>{fresh.data(), kernels::Write::overwrite});
  expect_close(fresh.values(), expected, tolerance, what);

  const std::vector<T> before = random_values<T>(static_cast<std::int64_t>(expected.size()), 99);
  Guarded<T> added(before);
  kernel(kernels::Gradient<T>{added.data(), kernels::Write::accumulate});
  std::vector<double> total = expected;
  for (std::size_t i = 0; i < total.size(); ++i) total[i] += static_cast<double>(before[i]);
  expect_close(added.values(), total, tolerance, what);
}

}  // namespace explainn::test
