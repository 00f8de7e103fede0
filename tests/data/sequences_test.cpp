#include "data/sequences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace explainn::data {
namespace {

/// The rule of fit_sequence() in its own words, position by position on an endless line of N.
std::vector<Base> fit_by_rule(const std::vector<Base>& sequence, Strand strand, int wanted) {
  const int length = static_cast<int>(sequence.size());
  int shift = 0;  // index in `sequence` of the first base of the window
  if (length > wanted) shift = (length - wanted) / 2;
  if (length < wanted) {
    const int pad = wanted - length;
    const bool both_odd = pad % 2 == 1 && wanted % 2 == 1;
    shift = -(pad / 2 + (both_odd ? 1 : 0));
  }
  std::vector<Base> window;
  for (int i = 0; i < wanted; ++i) {
    const int at = shift + i;
    window.push_back(at >= 0 && at < length ? sequence[static_cast<std::size_t>(at)] : Base{4});
  }
  if (strand == Strand::forward) return window;
  const std::vector<Base> partner{3, 2, 1, 0, 4};
  std::vector<Base> reversed;
  for (auto base = window.rbegin(); base != window.rend(); ++base) {
    reversed.push_back(partner[*base]);
  }
  return reversed;
}

TEST(FitSequence, equalsTheRuleForAllSmallLengths) {
  std::mt19937 random(7);
  for (int length = 0; length <= 13; ++length) {
    for (int wanted = 1; wanted <= 13; ++wanted) {
      std::vector<Base> sequence(static_cast<std::size_t>(length));
      for (Base& base : sequence) base = static_cast<Base>(random() % 5);
      for (const Strand strand : {Strand::forward, Strand::reverse}) {
        // A guard on each side shows writes beyond the window.
        std::vector<Base> out(static_cast<std::size_t>(wanted) + 2, 99);
        fit_sequence(sequence, strand, std::span(out).subspan(1, out.size() - 2));
        EXPECT_EQ(out.front(), 99);
        EXPECT_EQ(out.back(), 99);
        const std::vector<Base> inside(out.begin() + 1, out.end() - 1);
        EXPECT_EQ(inside, fit_by_rule(sequence, strand, wanted)) << length << " to " << wanted;
      }
    }
  }
}

TEST(FitSequence, worksByHand) {
  const std::vector<Base> acg{0, 1, 2};
  std::vector<Base> out(4);
  fit_sequence(acg, Strand::forward, out);  // pad 1, length even: the N goes right
  EXPECT_EQ(out, (std::vector<Base>{0, 1, 2, 4}));
  fit_sequence(acg, Strand::reverse, out);
  EXPECT_EQ(out, (std::vector<Base>{4, 1, 2, 3}));
  const std::vector<Base> ac{0, 1};
  out.resize(3);
  fit_sequence(ac, Strand::forward, out);  // pad 1, length odd: the N goes left
  EXPECT_EQ(out, (std::vector<Base>{4, 0, 1}));
  out.resize(1);
  fit_sequence(std::vector<Base>{0, 1, 2, 3}, Strand::forward, out);  // crop start 3 / 2
  EXPECT_EQ(out, (std::vector<Base>{1}));
}

TEST(SequenceSet, givesBackWhatWasAdded) {
  std::mt19937 random(11);
  SequenceSet set;
  std::vector<std::vector<Base>> kept;
  set.reserve(10, 20);
  std::size_t total = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<Base> sequence(random() % 40);
    for (Base& base : sequence) base = static_cast<Base>(random() % 5);
    set.add(sequence);
    total += sequence.size();
    kept.push_back(sequence);
  }
  ASSERT_EQ(set.size(), 300);
  EXPECT_EQ(set.total_length(), total);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    EXPECT_EQ(set.length(row), static_cast<std::int64_t>(kept[i].size()));
    EXPECT_TRUE(std::ranges::equal(set[row], kept[i])) << i;
  }
}

TEST(SequenceSet, roomIsWhatWasReserved) {
  SequenceSet set;
  EXPECT_FALSE(set.has_room(0));
  set.reserve(1, 5);
  EXPECT_TRUE(set.has_room(5));
  EXPECT_FALSE(set.has_room(5000));
  set.add(std::vector<Base>{0, 1, 2, 3, 4});
  EXPECT_FALSE(set.has_room(1));
}

TEST(SequenceSet, mostFrequentLengthPrefersTheLongerOnATie) {
  SequenceSet set;
  EXPECT_EQ(set.most_frequent_length(), 0);
  const auto add = [&set](std::size_t length) { set.add(std::vector<Base>(length, 0)); };
  add(3);
  add(7);
  EXPECT_EQ(set.most_frequent_length(), 7);
  add(5);
  add(3);
  EXPECT_EQ(set.most_frequent_length(), 3);
  add(7);
  EXPECT_EQ(set.most_frequent_length(), 7);
}

}  // namespace
}  // namespace explainn::data
