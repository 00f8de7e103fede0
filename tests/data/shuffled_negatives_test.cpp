#include "data/shuffled_negatives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "kernels/base/error.h"

namespace explainn::data {
namespace {

Dataset positives(std::int64_t count) {
  Dataset dataset;
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<Base> bases;
    for (std::int64_t j = 0; j < 20 + i; ++j)
      bases.push_back(static_cast<Base>((i * j + j / 3) % 4));
    dataset.sequences.add(bases);
    const std::string id = "peak" + std::to_string(i);
    dataset.id_bytes.add(as_bases(id));
  }
  return dataset;
}

std::map<std::pair<Base, Base>, int> dinucleotides(std::span<const Base> bases) {
  std::map<std::pair<Base, Base>, int> counts;
  for (std::size_t i = 0; i + 1 < bases.size(); ++i) ++counts[{bases[i], bases[i + 1]}];
  return counts;
}

TEST(ShuffledNegatives, FollowTheirPositives) {
  constexpr std::int64_t kCount = 30;
  Dataset dataset = positives(kCount);
  add_shuffled_negatives(dataset, "bound", 5);
  ASSERT_EQ(dataset.size(), 2 * kCount);
  EXPECT_EQ(dataset.targets, std::vector<std::string>{"bound"});
  int moved = 0;
  for (std::int64_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(dataset.row_labels(i)[0], 1);
    EXPECT_EQ(dataset.row_labels(kCount + i)[0], 0);
    EXPECT_EQ(dataset.id(kCount + i), std::string(dataset.id(i)) + "_shuffled");
    const std::span<const Base> before = dataset.sequences[i];
    const std::span<const Base> after = dataset.sequences[kCount + i];
    EXPECT_EQ(dinucleotides(before), dinucleotides(after)) << i;
    moved += std::equal(before.begin(), before.end(), after.begin(), after.end()) ? 0 : 1;
  }
  EXPECT_GT(moved, kCount / 2);
}

TEST(Parts, ATenthEachAndFamiliesTogether) {
  Dataset dataset = positives(47);
  add_shuffled_negatives(dataset, "bound", 5);
  assign_parts(dataset, 47, 9);
  for (std::size_t i = 0; i < 47; ++i) {
    EXPECT_EQ(dataset.splits[i], dataset.splits[47 + i]);
  }
  EXPECT_EQ(dataset.rows(Split::valid).size(), 8U);
  EXPECT_EQ(dataset.rows(Split::test).size(), 8U);
  EXPECT_EQ(dataset.rows(Split::train).size(), 78U);

  Dataset again = positives(47);
  add_shuffled_negatives(again, "bound", 5);
  assign_parts(again, 47, 9);
  EXPECT_EQ(again.splits, dataset.splits);
  assign_parts(again, 47, 10);
  EXPECT_NE(again.splits, dataset.splits);
}

// Each sequence three times, once turned round; two in ten are the same one, which no tenth holds.
TEST(Parts, EqualSequencesTogether) {
  Dataset dataset;
  std::mt19937 random(4);
  constexpr std::size_t kEach = 40;
  for (std::size_t i = 0; i < kEach; ++i) {
    std::vector<Base> bases(30);
    for (Base& base : bases) base = static_cast<Base>(random() % 4);
    std::vector<Base> turned(bases.rbegin(), bases.rend());
    for (Base& base : turned) base = complement(base);
    for (const auto& one : {bases, turned, bases}) dataset.sequences.add(one);
  }
  const std::vector<Base> frequent(30, 2);
  for (std::size_t i = 0; i < 30; ++i) dataset.sequences.add(frequent);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    assign_parts(dataset, dataset.size(), seed);
    for (std::size_t row = 0; row < 3 * kEach; ++row) {
      EXPECT_EQ(dataset.splits[row], dataset.splits[row - row % 3]) << seed;
    }
    EXPECT_EQ(dataset.splits[3 * kEach], Split::train);
    EXPECT_EQ(dataset.rows(Split::valid).size(), 15U);
    EXPECT_EQ(dataset.rows(Split::test).size(), 15U);
  }
}

TEST(Parts, RefuseTooFew) {
  Dataset dataset = positives(9);
  EXPECT_THROW(assign_parts(dataset, 9, 1), Error);
}

}  // namespace
}  // namespace explainn::data
