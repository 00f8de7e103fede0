// Clustering by nearest-neighbour chains against the definition: the two closest clusters merge,
// their distance taken anew from all pairs of members.
#include "model/motif/linkage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

namespace explainn::model {
namespace {

using Members = std::vector<std::size_t>;

std::vector<double> random_distances(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.1, 1);
  std::vector<double> distances(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      distances[i * n + j] = distances[j * n + i] = uniform(random);
    }
  }
  return distances;
}

double between(const std::vector<double>& distances, std::size_t n, const Members& a,
               const Members& b, Linkage linkage) {
  double largest = 0;
  double sum = 0;
  for (const std::size_t i : a) {
    for (const std::size_t j : b) {
      largest = std::max(largest, distances[i * n + j]);
      sum += distances[i * n + j];
    }
  }
  return linkage == Linkage::complete ? largest : sum / static_cast<double>(a.size() * b.size());
}

// Members of cluster `at`.
Members members(const std::vector<Merge>& merges, std::size_t n, std::size_t at) {
  if (at < n) return {at};
  Members all = members(merges, n, merges[at - n].left);
  const Members right = members(merges, n, merges[at - n].right);
  all.insert(all.end(), right.begin(), right.end());
  std::sort(all.begin(), all.end());
  return all;
}

void expect_definition(const std::vector<double>& distances, std::size_t n, Linkage linkage) {
  const std::vector<Merge> merges = hierarchical_clustering(distances, n, linkage);
  ASSERT_EQ(merges.size() + 1, n);
  std::vector<Members> clusters;
  for (std::size_t i = 0; i < n; ++i) clusters.push_back({i});
  for (std::size_t m = 0; m < merges.size(); ++m) {
    std::size_t a = 0;
    std::size_t b = 1;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      for (std::size_t j = i + 1; j < clusters.size(); ++j) {
        const double distance = between(distances, n, clusters[i], clusters[j], linkage);
        if (distance >= least) continue;
        least = distance;
        a = i;
        b = j;
      }
    }
    clusters[a].insert(clusters[a].end(), clusters[b].begin(), clusters[b].end());
    std::sort(clusters[a].begin(), clusters[a].end());
    EXPECT_NEAR(merges[m].height, least, 1e-12);
    EXPECT_EQ(members(merges, n, n + m), clusters[a]) << "merge " << m << " of " << n;
    EXPECT_EQ(merges[m].size, clusters[a].size());
    EXPECT_LT(merges[m].left, merges[m].right);
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(b));
  }
}

TEST(Linkage, MergesWhatIsClosest) {
  for (const Linkage linkage : {Linkage::complete, Linkage::average}) {
    for (const std::size_t n : {1, 2, 3, 5, 17, 40}) {
      expect_definition(random_distances(n, static_cast<std::uint32_t>(n)), n, linkage);
    }
  }
  EXPECT_TRUE(hierarchical_clustering({}, 0, Linkage::average).empty());
}

// Points 0, 1, 3, 7 on a line, by hand.
TEST(Linkage, TellsCompleteFromAverage) {
  const std::vector<double> points{0, 1, 3, 7};
  const std::vector<double> distances = row_distances(points, 4);
  const auto heights = [&](Linkage linkage) {
    std::vector<double> all;
    for (const Merge& merge : hierarchical_clustering(distances, 4, linkage)) {
      all.push_back(merge.height);
    }
    return all;
  };
  EXPECT_EQ(heights(Linkage::complete), (std::vector<double>{1, 3, 7}));
  EXPECT_EQ(heights(Linkage::average), (std::vector<double>{1, 2.5, (7.0 + 6 + 4) / 3}));
}

TEST(Linkage, EqualDistancesGiveSomeTree) {
  constexpr std::size_t kThings = 9;
  const std::vector<double> distances(kThings * kThings, 2.0);
  for (const Linkage linkage : {Linkage::complete, Linkage::average}) {
    const auto merges = hierarchical_clustering(distances, kThings, linkage);
    ASSERT_EQ(merges.size() + 1, kThings);
    EXPECT_EQ(merges.back().size, kThings);
    for (const Merge& merge : merges) EXPECT_EQ(merge.height, 2);
  }
}

TEST(Linkage, LeavesOfABranchLieSideBySideNearOnesTogether) {
  constexpr std::size_t kThings = 30;
  const auto distances = random_distances(kThings, 4);
  const auto merges = hierarchical_clustering(distances, kThings, Linkage::average);
  const auto order = leaf_order(distances, kThings, merges);
  std::vector<std::size_t> places(kThings);
  for (std::size_t i = 0; i < kThings; ++i) places[order[i]] = i;
  for (std::size_t m = 0; m < merges.size(); ++m) {
    Members at;
    for (const std::size_t leaf : members(merges, kThings, kThings + m)) at.push_back(places[leaf]);
    const auto [first, last] = std::minmax_element(at.begin(), at.end());
    EXPECT_EQ(*last - *first + 1, at.size()) << m;
  }
  // Points on a line come out in their order, or turned.
  const std::vector<double> points{5, 1, 4, 0, 9, 8};
  const auto line = row_distances(points, 6);
  auto sorted = leaf_order(line, 6, hierarchical_clustering(line, 6, Linkage::average));
  if (sorted.front() != 3) std::reverse(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, (std::vector<std::size_t>{3, 1, 2, 0, 5, 4}));
}

TEST(Linkage, CutsTheTreeAtAHeight) {
  const std::vector<double> points{0, 10, 1, 11, 30};
  const auto merges = hierarchical_clustering(row_distances(points, 5), 5, Linkage::complete);
  using Numbers = std::vector<std::size_t>;
  EXPECT_EQ(clusters_at(5, merges, 0.5), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(clusters_at(5, merges, 1), (Numbers{0, 1, 0, 1, 2}));
  EXPECT_EQ(clusters_at(5, merges, 11), (Numbers{0, 0, 0, 0, 1}));
  EXPECT_EQ(clusters_at(5, merges, 100), (Numbers{0, 0, 0, 0, 0}));
}

TEST(Linkage, RefusesWhatAreNoDistances) {
  const std::vector<double> three(3, 1.0);
  EXPECT_THROW(hierarchical_clustering(three, 2, Linkage::average), std::invalid_argument);
  const std::vector<double> hole{0, std::nan(""), std::nan(""), 0};
  EXPECT_THROW(hierarchical_clustering(hole, 2, Linkage::average), std::invalid_argument);
  const std::vector<double> negative{0, -1, -1, 0};
  EXPECT_THROW(hierarchical_clustering(negative, 2, Linkage::complete), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
