#include "data/dinucleotide_shuffle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace explainn::data {
namespace {

using Sequence = std::vector<Base>;
using Counts = std::map<std::pair<Base, Base>, int>;

Sequence shuffled(const Sequence& sequence, std::uint64_t seed, std::uint64_t number) {
  Sequence out(sequence.size(), kNotABase);
  dinucleotide_shuffle(sequence, seed, number, out);
  return out;
}

// As text, to compare: comparing vectors of bytes makes g++ 12 warn of sizes that cannot be.
std::string text(const Sequence& sequence) {
  return {sequence.begin(), sequence.end()};
}

Counts dinucleotides(const Sequence& sequence) {
  Counts counts;
  for (std::size_t i = 0; i + 1 < sequence.size(); ++i) ++counts[{sequence[i], sequence[i + 1]}];
  return counts;
}

Sequence random_sequence(std::mt19937& random, std::size_t length, unsigned letters) {
  Sequence sequence(length);
  for (Base& base : sequence) base = static_cast<Base>(random() % letters);
  return sequence;
}

TEST(DinucleotideShuffle, KeepsEveryDinucleotideAndBothEnds) {
  std::mt19937 random(3);
  for (std::size_t length = 0; length < 300; length += 1 + length / 20) {
    for (const unsigned letters : {1U, 2U, 4U, 5U}) {
      const Sequence sequence = random_sequence(random, length, letters);
      const Sequence other = shuffled(sequence, 9, length);
      EXPECT_EQ(dinucleotides(other), dinucleotides(sequence));
      if (length == 0) continue;
      EXPECT_EQ(other.front(), sequence.front());
      EXPECT_EQ(other.back(), sequence.back());
      if (length > 100 && letters > 1) {
        EXPECT_NE(text(other), text(sequence));
      }
    }
  }
}

// All sequences with these counts that go on from `sofar`.
void continuations(Sequence& sofar, Counts& left, std::size_t length,
                   std::map<std::string, int>& all) {
  if (sofar.size() == length) {
    all[text(sofar)] = 0;
    return;
  }
  for (Base next = 0; next <= kUnknownBase; ++next) {
    int& count = left[{sofar.back(), next}];
    if (count == 0) continue;
    --count;
    sofar.push_back(next);
    continuations(sofar, left, length, all);
    sofar.pop_back();
    ++left[{sofar.back(), next}];
  }
}

TEST(DinucleotideShuffle, DrawsEverySequenceOfTheseCountsEquallyOften) {
  constexpr int kEach = 200;
  for (const Sequence& sequence :
       {Sequence{0, 1, 2, 0, 2, 1, 0, 0, 1, 1, 2}, Sequence{0, 1, 0, 2, 0, 3, 0, 1, 3, 1, 0},
        Sequence{3, 4, 3, 3, 2, 3, 4, 4, 2, 2, 3, 2}}) {
    std::map<std::string, int> all;
    Sequence sofar{sequence.front()};
    Counts left = dinucleotides(sequence);
    continuations(sofar, left, sequence.size(), all);
    ASSERT_GT(all.size(), 10U);
    const auto draws = static_cast<std::uint64_t>(all.size()) * kEach;
    for (std::uint64_t i = 0; i < draws; ++i) {
      const auto found = all.find(text(shuffled(sequence, 17, i)));
      ASSERT_NE(found, all.end());
      ++found->second;
    }
    double chi_square = 0;
    for (const auto& [drawn, count] : all) chi_square += std::pow(count - kEach, 2) / kEach;
    const auto freedom = static_cast<double>(all.size() - 1);
    EXPECT_LT(chi_square, freedom + 4 * std::sqrt(2 * freedom)) << all.size() << " sequences";
    EXPECT_GT(chi_square, freedom - 4 * std::sqrt(2 * freedom)) << all.size() << " sequences";
  }
}

TEST(DinucleotideShuffle, FollowsFromSeedAndNumber) {
  std::mt19937 random(4);
  const Sequence sequence = random_sequence(random, 80, 4);
  EXPECT_EQ(text(shuffled(sequence, 1, 2)), text(shuffled(sequence, 1, 2)));
  EXPECT_NE(text(shuffled(sequence, 1, 2)), text(shuffled(sequence, 2, 2)));
  EXPECT_NE(text(shuffled(sequence, 1, 2)), text(shuffled(sequence, 1, 3)));
  EXPECT_NE(text(shuffled(sequence, 1, 2)),
            text(shuffled(sequence, 1, 2 + (std::uint64_t{1} << 32))));
}

}  // namespace
}  // namespace explainn::data
