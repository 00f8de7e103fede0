#include "kernels/base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/threads.h"

namespace explainn {
namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

Ranges blocks_of(std::int64_t size, std::int64_t block) {
  std::mutex mutex;
  Ranges ranges;
  parallel_blocks(size, block, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard<std::mutex> lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

TEST(ParallelBlocks, CoverTheWholeRange) {
  for (const int threads : {1, 3}) {
    const test::ThreadCount count(threads);
    EXPECT_EQ(blocks_of(0, 4), Ranges{});
    EXPECT_EQ(blocks_of(1, 4), (Ranges{{0, 1}}));
    EXPECT_EQ(blocks_of(4, 4), (Ranges{{0, 4}}));
    EXPECT_EQ(blocks_of(9, 4), (Ranges{{0, 4}, {4, 8}, {8, 9}}));
  }
}

TEST(ThreadCount, IsWhatWasSet) {
  const int before = thread_count();
  EXPECT_GE(before, 1);
  {
    const test::ThreadCount three(3);
    EXPECT_EQ(thread_count(), 3);
  }
  EXPECT_EQ(thread_count(), before);
  EXPECT_THROW(set_thread_count(0), std::invalid_argument);
  EXPECT_THROW(set_thread_count(-2), std::invalid_argument);
  EXPECT_EQ(thread_count(), before);
}

TEST(ParallelFor, OneThreadRunsTheParts) {
  const test::ThreadCount one(1);
  std::vector<std::int64_t> parts;
  parallel_for(3, [&](std::int64_t part) { parts.push_back(part); });
  EXPECT_EQ(parts, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_THROW(parallel_for(2, [](std::int64_t) { throw std::range_error("part"); }),
               std::range_error);
}

TEST(ParallelForDescending, OneThreadRunsThePartsFromTheLast) {
  const test::ThreadCount one(1);
  std::vector<std::int64_t> parts;
  parallel_for_descending(3, [&](std::int64_t part) { parts.push_back(part); });
  EXPECT_EQ(parts, (std::vector<std::int64_t>{2, 1, 0}));
  EXPECT_THROW(parallel_for_descending(2, [](std::int64_t) { throw std::range_error("part"); }),
               std::range_error);
}

}  // namespace
}  // namespace explainn
