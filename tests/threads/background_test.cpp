// A thread for work beside the caller's.
#include "kernels/base/background.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "kernels/base/parallel.h"
#include "kernels/unit_pass/streamed_samples.h"
#include "tests/support/threads.h"

namespace explainn {
namespace {

TEST(Background, WhatAJobWroteIsThereAfterwards) {
  Background background;
  background.wait();                 // nothing runs
  std::vector<int> numbers(100, 0);  // plain: two threads at once would be a race
  for (int round = 1; round <= 50; ++round) {
    background.start([&] {
      for (int& number : numbers) ++number;
    });
    background.wait();
    EXPECT_EQ(numbers, std::vector<int>(100, round));
  }
}

TEST(Background, DoesItsJobsOneAfterAnotherOnOneThread) {
  Background background;
  std::vector<std::thread::id> threads;
  for (int job = 0; job < 20; ++job) {
    background.start([&] { threads.push_back(std::this_thread::get_id()); });
  }
  background.wait();
  ASSERT_EQ(threads.size(), 20U);
  EXPECT_NE(threads[0], std::this_thread::get_id());
  for (const std::thread::id thread : threads) EXPECT_EQ(thread, threads[0]);
}

TEST(Background, HandsOverWhatAJobThrew) {
  Background background;
  background.start([] { throw std::runtime_error("no"); });
  EXPECT_THROW(background.wait(), std::runtime_error);
  background.wait();  // once
  background.start([] { throw std::runtime_error("no"); });
  EXPECT_THROW(background.start([] {}), std::runtime_error);
  background.start([] { throw std::runtime_error("lost"); });
}

TEST(Background, EndsAfterTheJob) {
  bool done = false;
  {
    Background background;
    background.start([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = true;
    });
  }
  EXPECT_TRUE(done);
}

// Both use the same pool of threads.
TEST(Background, AndItsCallerMayBothRunInParallel) {
  const test::ThreadCount three(3);
  Background background;
  for (int round = 0; round < 50; ++round) {
    std::vector<int> there(100, 0), here(100, 0);
    background.start([&] {
      parallel_for(100, [&](std::int64_t i) { there[static_cast<std::size_t>(i)] = 1; });
    });
    parallel_for(100, [&](std::int64_t i) { here[static_cast<std::size_t>(i)] = 1; });
    background.wait();
    EXPECT_EQ(there, here);
  }
}

// The next chunk is gathered while this one is read.
TEST(StreamedSamples, AreReadWhileOthersAreGathered) {
  const test::ThreadCount two(2);
  constexpr std::int64_t kSequences = 500;
  kernels::HostSamples host(kSequences, 20, 1);
  const std::vector<std::uint8_t> bases(20, 1);
  for (std::int64_t i = 0; i < kSequences; ++i) {
    const auto label = static_cast<float>(i);
    host.set(i, bases.data(), &label);
  }
  kernels::StreamedSamples streamed(std::move(host), true, {}, 500);
  double sum = 0;
  for (std::int64_t place = 0; place < 2 * kSequences;) {
    const kernels::SampleChunk chunk = streamed.at({{}, place, 2 * kSequences, 10});
    for (std::int64_t i = 0; i < chunk.end - chunk.begin; ++i) sum += chunk.samples.labels[i];
    place = chunk.end;
  }
  EXPECT_EQ(sum, kSequences * (kSequences - 1.0));
}

}  // namespace
}  // namespace explainn
