#include "engine/initialise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/base/philox.h"

namespace explainn::engine {
namespace {

std::vector<float> filled(std::size_t size, std::int64_t fan_in, std::uint64_t seed,
                          std::uint32_t tensor_index) {
  std::vector<float> weight(size);
  fill_uniform_fan_in(weight, fan_in, seed, tensor_index);
  return weight;
}

// The layout, spelled out: four numbers a Philox block, 24 random bits each.
TEST(FillUniformFanIn, FollowsThePhiloxCounter) {
  const std::vector<float> weight = filled(1003, 76, 11, 3);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const std::uint32_t word = philox(11, i / 4, 3, 0)[i % 4];
    const double unit = static_cast<double>(word / 256) / 16777216;
    EXPECT_EQ(weight[i], static_cast<float>((2 * unit - 1) / std::sqrt(76.0))) << i;
  }
}

TEST(FillUniformFanIn, IsUniformWithinItsBound) {
  for (const std::int64_t fan_in : {1, 26, 100}) {
    constexpr std::size_t kSize = 200000;
    const std::vector<float> weight = filled(kSize, fan_in, 5, 0);
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    const auto [least, most] = std::minmax_element(weight.begin(), weight.end());
    EXPECT_GE(*least, static_cast<float>(-bound));
    EXPECT_LE(*most, static_cast<float>(bound));
    EXPECT_LT(*least, -0.999 * bound);
    EXPECT_GT(*most, 0.999 * bound);
    double mean = 0, square = 0;
    for (const double value : weight) {
      mean += value / kSize;
      square += value * value / kSize;
    }
    // Five standard errors; the variance of u^2 for u in (-1, 1) is 1/5 - 1/9 = 4/45.
    EXPECT_LT(std::abs(mean), 5 * bound / std::sqrt(3.0 * kSize));
    EXPECT_NEAR(square, bound * bound / 3, 5 * bound * bound * std::sqrt(4.0 / 45 / kSize));
  }
}

TEST(FillUniformFanIn, DiffersByTensorAndSeed) {
  const std::vector<float> reference = filled(100, 10, 1, 1);
  EXPECT_EQ(filled(100, 10, 1, 1), reference);
  for (const auto& other : {filled(100, 10, 2, 1), filled(100, 10, 1, 2)}) {
    int same = 0;
    for (std::size_t i = 0; i < 100; ++i) same += other[i] == reference[i];
    EXPECT_LE(same, 1);
  }
  const std::vector<float> shorter = filled(37, 10, 1, 1);
  EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), reference.begin()));
}

}  // namespace
}  // namespace explainn::engine
