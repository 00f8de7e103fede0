#include "kernels/base/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace explainn {
namespace {

/// The definition, by recursion: change, drop, insert, or swap two neighbours (each letter once).
std::size_t slow_distance(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const std::string a1 = a.substr(1);
  const std::string b1 = b.substr(1);
  std::size_t best = slow_distance(a1, b1) + (a[0] == b[0] ? 0 : 1);
  best = std::min(best, slow_distance(a1, b) + 1);
  best = std::min(best, slow_distance(a, b1) + 1);
  if (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0]) {
    best = std::min(best, slow_distance(a.substr(2), b.substr(2)) + 1);
  }
  return best;
}

TEST(EditDistance, equalsTheRecursiveDefinition) {
  std::vector<std::string> words;
  for (int length = 0; length <= 4; ++length) {
    for (int code = 0; code < (1 << length); ++code) {
      std::string word;
      for (int i = 0; i < length; ++i) word += (code >> i & 1) != 0 ? 'b' : 'a';
      words.push_back(word);
    }
  }
  words.insert(words.end(), {"abc", "acb", "cab", "abcd", "badc"});
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      EXPECT_EQ(edit_distance(a, b), slow_distance(a, b)) << a << " " << b;
    }
  }
}

TEST(EditDistance, knownPairs) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("Sunday", "Saturday"), 3U);
  EXPECT_EQ(edit_distance("foxa1", "FOXA1"), 0U);
}

TEST(NearestName, findsTheNearestAndTheFirstOnATie) {
  const std::vector<std::string> names{"FOXA1", "FOXA2", "MAX", "JUND"};
  EXPECT_EQ(nearest_name("FOXA3", names), "FOXA1");
  EXPECT_EQ(nearest_name("foxa2", names), "FOXA2");
  EXPECT_EQ(nearest_name("JNUD", names), "JUND");
  EXPECT_EQ(nearest_name("zzzzzzz", names), "");
  EXPECT_EQ(nearest_name("MAX", std::vector<std::string>{}), "");
}

}  // namespace
}  // namespace explainn
