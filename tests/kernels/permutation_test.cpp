#include "kernels/base/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace explainn {
namespace {

std::vector<std::uint64_t> order(std::uint64_t size, std::uint64_t seed, std::uint32_t epoch) {
  const Permutation permutation(size, seed, epoch);
  std::vector<std::uint64_t> elements;
  for (std::uint64_t i = 0; i < size; ++i) elements.push_back(permutation(i));
  return elements;
}

TEST(Permutation, VisitsEveryElementOnce) {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 100, 1000, 65536, 65537}) {
    for (const std::uint32_t epoch : {0U, 1U, 4000000000U}) {
      std::vector<std::uint64_t> elements = order(size, 12345678901234567890U, epoch);
      std::sort(elements.begin(), elements.end());
      for (std::uint64_t i = 0; i < size; ++i) ASSERT_EQ(elements[i], i) << "size " << size;
    }
  }
}

TEST(Permutation, StaysInRangeUpToTheLargestSize) {
  for (const std::uint64_t size :
       {std::uint64_t{1} << 31, (std::uint64_t{1} << 40) + 1, std::uint64_t{1} << 62}) {
    const Permutation permutation(size, 7, 3);
    std::vector<std::uint64_t> elements;
    for (std::uint64_t i = 0; i < 1000; ++i) elements.push_back(permutation(size - 1 - i));
    EXPECT_LT(*std::max_element(elements.begin(), elements.end()), size);
    // A thousand draws from 2^31 numbers spread over the whole range.
    EXPECT_GT(*std::max_element(elements.begin(), elements.end()), size - size / 50);
    EXPECT_LT(*std::min_element(elements.begin(), elements.end()), size / 50);
    std::sort(elements.begin(), elements.end());
    EXPECT_EQ(std::adjacent_find(elements.begin(), elements.end()), elements.end());
  }
}

TEST(Permutation, DiffersByEpochAndSeed) {
  const auto reference = order(1000, 5, 0);
  EXPECT_EQ(order(1000, 5, 0), reference);
  for (const auto& other :
       {order(1000, 5, 1), order(1000, 6, 0), order(1000, 5 + (1ULL << 32), 0)}) {
    int same = 0;
    for (std::size_t i = 0; i < 1000; ++i) same += other[i] == reference[i];
    // Two random orders agree in one place on average (Poisson).
    EXPECT_LT(same, 8);
  }
}

// Expects that `counts`, of categories with equal chances, pass the chi-square test at five
// standard deviations.
template <typename Counts>
void expect_uniform(const Counts& counts, double categories) {
  double total = 0;
  for (const auto& [key, count] : counts) total += count;
  const double expected = total / categories;
  double chi2 = (categories - static_cast<double>(counts.size())) * expected;
  for (const auto& [key, count] : counts)
    chi2 += (count - expected) * (count - expected) / expected;
  const double freedom = categories - 1;
  EXPECT_LT(chi2, freedom + 5 * std::sqrt(2 * freedom)) << categories << " categories";
}

// The orders of a handful of elements are not exactly equally likely (a Feistel network this small
// is not), but all of them come up.
TEST(Permutation, AllOrdersOfAFewElementsOccur) {
  const std::size_t orders[] = {1, 1, 2, 6, 24, 120};
  for (const std::uint64_t size : {2, 3, 4, 5}) {
    std::set<std::vector<std::uint64_t>> seen;
    for (std::uint32_t epoch = 0; epoch < 3000; ++epoch) seen.insert(order(size, 1, epoch));
    EXPECT_EQ(seen.size(), orders[size]);
  }
}

TEST(Permutation, EveryElementIsEquallyLikelyEverywhere) {
  for (const std::uint64_t size : {20, 100}) {
    std::map<std::uint64_t, int> places, pairs;
    for (std::uint32_t epoch = 0; epoch < 3000; ++epoch) {
      const auto elements = order(size, 77, epoch);
      for (std::uint64_t i = 0; i < size; ++i) ++places[i * size + elements[i]];
      ++pairs[elements[0] * size + elements[1]];
    }
    expect_uniform(places, static_cast<double>(size * size));
    expect_uniform(pairs, static_cast<double>(size * (size - 1)));
  }
}

}  // namespace
}  // namespace explainn
