#include "kernels/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "kernels/base/error.h"

namespace explainn::kernels {
namespace {

static_assert(!std::is_copy_constructible_v<Buffer<float>>);
static_assert(!std::is_copy_assignable_v<Buffer<float>>);
static_assert(std::is_nothrow_move_constructible_v<Buffer<float>>);

TEST(Allocate, IsAlignedForAnySize) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{100001}}) {
    void* const memory = allocate({}, bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0U);
    std::fill_n(static_cast<unsigned char*>(memory), bytes, std::uint8_t{7});
    release({}, memory, bytes);
  }
  release({}, nullptr, 8);
  release_kept_memory();
}

TEST(Allocate, TwoLiveBlocksDoNotOverlap) {
  Buffer<int> first(5);
  std::fill(first.begin(), first.end(), 1);
  {
    Buffer<int> kept(5);
    std::fill(kept.begin(), kept.end(), 2);
  }
  Buffer<int> second(5);
  Buffer<int> third(5);
  std::fill(second.begin(), second.end(), 3);
  std::fill(third.begin(), third.end(), 4);
  EXPECT_EQ(std::count(first.begin(), first.end(), 1), 5);
  EXPECT_EQ(std::count(second.begin(), second.end(), 3), 5);
  EXPECT_EQ(std::count(third.begin(), third.end(), 4), 5);
}

TEST(Allocate, RefusesAnUnknownDevice) {
  const Device cuda{.kind = DeviceKind::cuda, .index = 1};
  EXPECT_EQ(to_string(cuda), "cuda:1");
  try {
    Buffer<float> buffer(4, cuda);
    FAIL() << "memory on a device that is not there";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("cuda:1"), std::string::npos) << error.what();
  }
}

TEST(AllocateTooMuch, SaysHowMuchWasMissing) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers stop the program when memory runs out";
#endif
  try {
    Buffer<std::uint8_t> buffer(std::int64_t{1} << 60);
    FAIL() << "an exbibyte of memory";
  } catch (const UsageError& error) {
    FAIL() << "not a wrong request: " << error.what();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("1152921504606846976"), std::string::npos);
  }
}

TEST(Buffer, MovesItsMemory) {
  Buffer<double> a(3);
  a[0] = 1.5;
  double* const memory = a.data();
  Buffer<double> b(std::move(a));
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(b.size(), 3);
  EXPECT_EQ(b[0], 1.5);
  Buffer<double> c;
  EXPECT_FALSE(c);
  EXPECT_EQ(c.size(), 0);
  c = std::move(b);
  EXPECT_TRUE(c);
  EXPECT_EQ(c.data(), memory);
  EXPECT_EQ(c.end() - c.begin(), 3);
}

TEST(Buffer, MayBeEmptyButThere) {
  const Buffer<float> nothing(0);
  EXPECT_TRUE(nothing);
  EXPECT_EQ(nothing.size(), 0);
}

}  // namespace
}  // namespace explainn::kernels
