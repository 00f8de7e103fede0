// What several threads touch together, in small programs: ThreadSanitizer runs these.
#include "kernels/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/threads.h"

namespace explainn {
namespace {

using test::ThreadCount;

TEST(ParallelFor, RunsEveryPartOnce) {
  for (const int threads : {2, 3, 4}) {
    const ThreadCount count(threads);
    for (const std::size_t parts : {0, 1, 2, 3, 5, 1000}) {
      // Plain numbers: two threads on one part would be a race.
      std::vector<int> calls(parts);
      const auto call = [&](std::int64_t part) { ++calls[static_cast<std::size_t>(part)]; };
      parallel_for(static_cast<std::int64_t>(parts), call);
      EXPECT_EQ(calls, std::vector<int>(parts, 1));
      parallel_for_descending(static_cast<std::int64_t>(parts), call);
      EXPECT_EQ(calls, std::vector<int>(parts, 2));
    }
  }
}

TEST(ParallelFor, WhatPartsWroteIsThereAfterwards) {
  const ThreadCount four(4);
  std::vector<long> numbers(64);
  for (int round = 0; round < 300; ++round) {
    // Each round reads what other threads wrote in the round before.
    const std::vector<long> before = numbers;
    parallel_for(64, [&](std::int64_t part) {
      const auto i = static_cast<std::size_t>(part);
      numbers[i] = before[(i + 1) % 64] + 1;
    });
  }
  EXPECT_EQ(numbers, std::vector<long>(64, 300));
}

TEST(ParallelFor, UsesSeveralThreads) {
  using Clock = std::chrono::steady_clock;
  const ThreadCount two(2);
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  std::atomic<int> begun{0}, met{0};
  // Neither part ends before the other has begun.
  parallel_for(2, [&](std::int64_t) {
    ++begun;
    while (begun < 2 && Clock::now() < deadline) std::this_thread::yield();
    if (begun == 2) ++met;
  });
  EXPECT_EQ(met, 2);
}

TEST(ParallelFor, AThreadThatIsHeldUpLeavesItsShareToOthers) {
  using Clock = std::chrono::steady_clock;
  const ThreadCount two(2);
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  std::atomic<int> others{0};
  parallel_for(10, [&](std::int64_t part) {
    if (part > 0) {
      ++others;
      return;
    }
    while (others < 9 && Clock::now() < deadline) std::this_thread::yield();
    EXPECT_EQ(others, 9);
  });
}

TEST(ParallelFor, RethrowsWhatAPartThrew) {
  for (const int threads : {2, 3, 4}) {
    const ThreadCount count(threads);
    for (int round = 0; round < 20; ++round) {
      try {
        parallel_for(100, [](std::int64_t part) {
          if (part == 37) throw std::range_error("part " + std::to_string(part));
        });
        FAIL() << "the exception got lost";
      } catch (const std::range_error& error) {
        EXPECT_STREQ(error.what(), "part 37");
      }
      std::atomic<int> calls{0};
      parallel_for(10, [&](std::int64_t) { ++calls; });
      EXPECT_EQ(calls, 10) << "work goes on after an exception";
    }
  }
}

TEST(ParallelFor, OneOfSeveralExceptionsArrives) {
  const ThreadCount four(4);
  std::atomic<int> thrown{0};
  EXPECT_THROW(parallel_for(100,
                            [&](std::int64_t) {
                              ++thrown;
                              throw std::out_of_range("every part");
                            }),
               std::out_of_range);
  EXPECT_GE(thrown, 1);
  EXPECT_LE(thrown, 4) << "a thread goes on after its exception";
}

TEST(ParallelFor, SeveralCallersTakeTurns) {
  const ThreadCount two(2);
  std::vector<long> sums(3);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&sums, caller] {
      std::vector<long> squares(50);
      for (int round = 0; round < 20; ++round) {
        parallel_for(
            50, [&](std::int64_t part) { squares[static_cast<std::size_t>(part)] += part * part; });
      }
      sums[caller] = std::accumulate(squares.begin(), squares.end(), 0L);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sums, std::vector<long>(3, 20 * 49 * 50 * 99 / 6));
}

}  // namespace
}  // namespace explainn
