// Damaged copies of a good file: whatever a reader is given, it answers with a value or an Error.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <exception>
#include <random>
#include <string>
#include <string_view>

#include "kernels/base/error.h"

namespace explainn {

/// What a reader made of many damaged files.
struct DamageCount {
  int read = 0;
  int refused = 0;
};

/// Most memory this process ever had, in bytes.
inline std::size_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

/// Reads one damaged file; anything but an Error fails the test.
template <typename Read>
void read_damaged(const std::string& bytes, const Read& read, DamageCount& count,
                  const std::string& what) {
  try {
    read(bytes);
    ++count.read;
  } catch (const Error& error) {
    ++count.refused;
    EXPECT_FALSE(std::string_view(error.what()).empty());
  } catch (const std::exception& other) {
    ADD_FAILURE() << what << ": " << other.what();
  }
}

/// read(prefix) for every proper prefix of `good`.
template <typename Read>
DamageCount read_prefixes(const std::string& good, const Read& read) {
  DamageCount count;
  for (std::size_t size = 0; size < good.size(); ++size) {
    read_damaged(good.substr(0, size), read, count, cat("the first ", size, " bytes"));
  }
  return count;
}

/// read(copy) for `times` copies of `good` with one byte changed (seeded, never to what it was).
template <typename Read>
DamageCount read_changed(const std::string& good, int times, const Read& read) {
  DamageCount count;
  std::mt19937 random(20);
  for (int i = 0; i < times; ++i) {
    std::string bytes = good;
    const std::size_t place = random() % good.size();
    const int change = static_cast<int>(1 + random() % 255);
    bytes[place] = static_cast<char>(bytes[place] ^ change);
    read_damaged(bytes, read, count, cat("byte ", place, " changed by ", change));
  }
  return count;
}

}  // namespace explainn
