// Runs the same work with several numbers of threads.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "kernels/base/parallel.h"
#include "tests/support/buffers.h"

namespace explainn::test {

/// Sets the number of threads for the life of the object.
class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(thread_count()) { set_thread_count(count); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
  ~ThreadCount() { set_thread_count(before_); }

 private:
  int before_;
};

/// Expects the same bits of `compute()`, a vector, for 1, 2, 3 and 4 threads.
template <typename Compute>
void expect_same_bits_for_all_thread_counts(const Compute& compute) {
  using Values = decltype(compute());
  const ThreadCount one(1);
  const Values reference = compute();
  for (const int threads : {2, 3, 4}) {
    const ThreadCount several(threads);
    const Values values = compute();
    EXPECT_TRUE(same_bits<typename Values::value_type>(values, reference))
        << "other bits with " << threads << " threads";
  }
}

}  // namespace explainn::test
