#include "kernels/base/philox.h"

#include <gtest/gtest.h>

#include <cmath>

namespace explainn {
namespace {

// The vectors that Random123 (Salmon et al.) publishes for philox4x32 with 10 rounds.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox(0, 0, 0, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(0xffffffffffffffff, 0xffffffffffffffff, 0xffffffff, 0xffffffff),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // Counter and key are digits of pi; the low word stands first.
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x13198a2e, 0x03707344),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, EveryArgumentCounts) {
  const PhiloxBlock reference = philox(1, 2, 3, 4);
  EXPECT_EQ(philox(1, 2, 3, 4), reference);
  EXPECT_NE(philox(1 + (std::uint64_t{1} << 40), 2, 3, 4), reference);
  EXPECT_NE(philox(1, 2 + (std::uint64_t{1} << 40), 3, 4), reference);
  EXPECT_NE(philox(1, 2, 4, 4), reference);
  EXPECT_NE(philox(1, 2, 3, 5), reference);
}

TEST(UnitInterval, IsExactAndBelowOne) {
  EXPECT_EQ(unit_interval(0), 0);
  EXPECT_EQ(unit_interval(0xff), 0);
  EXPECT_EQ(unit_interval(0x100), 0x1p-24);
  EXPECT_EQ(unit_interval(0x80000000), 0.5);
  EXPECT_EQ(unit_interval(0xffffffff), 1 - 0x1p-24);
  for (std::uint32_t word = 1; word < 0xf0000000; word += 12345677) {
    EXPECT_EQ(static_cast<double>(static_cast<float>(unit_interval(word))), unit_interval(word));
  }
}

// Mean 1/2, variance 1/12, and no correlation between the words of a block, each to five standard
// errors.
TEST(UnitInterval, LooksUniform) {
  constexpr int kBlocks = 100000;
  double sum[4] = {};
  double square[4] = {};
  double product[4] = {};
  for (int i = 0; i < kBlocks; ++i) {
    const PhiloxBlock random = philox(42, static_cast<std::uint64_t>(i), 0, 64);
    for (std::size_t j = 0; j < 4; ++j) {
      const double a = unit_interval(random[j]) - 0.5;
      const double b = unit_interval(random[(j + 1) % 4]) - 0.5;
      sum[j] += a;
      square[j] += a * a;
      product[j] += a * b;
    }
  }
  const double root = std::sqrt(static_cast<double>(kBlocks));
  for (int j = 0; j < 4; ++j) {
    EXPECT_LT(std::abs(sum[j]), 5 * std::sqrt(1 / 12.0) * root);
    // The variance of (u - 1/2)^2 is 1/80 - 1/144 = 1/180, of the product 1/144.
    EXPECT_LT(std::abs(square[j] - kBlocks / 12.0), 5 * std::sqrt(1 / 180.0) * root);
    EXPECT_LT(std::abs(product[j]), 5 * (1 / 12.0) * root);
  }
}

}  // namespace
}  // namespace explainn
