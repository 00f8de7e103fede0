// Hierarchical clustering: a tree over things of which all distances are known.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace explainn::model {

/// How far apart two clusters are: the largest or the mean distance between their members.
enum class Linkage { complete, average };

/// Two clusters that become one. Clusters 0 .. n-1 are the things themselves, n + i is the result
/// of merge i.
struct Merge {
  std::size_t left, right;  ///< left < right
  double height;            ///< distance between the two
  std::size_t size;         ///< members of the result
};

/// n - 1 merges in ascending order of height, of equal ones those that were found first, a cluster
/// never before its parts: the table that scipy.cluster.hierarchy and R's hclust give. distances
/// [n, n] symmetric, the diagonal is not looked at. By chains of nearest neighbours (Murtagh 1983,
/// Comput J 26:354): O(n^2) time, one copy of the distances. Where distances are equal the tree may
/// be one of several; it is the same for the same numbers. Throws std::invalid_argument for sizes
/// that do not fit and for distances that are negative, infinite or NaN.
std::vector<Merge> hierarchical_clustering(std::span<const double> distances, std::size_t n,
                                           Linkage linkage);

/// [n] the things in the order of the leaves of the tree. Branches are turned, from the first merge
/// to the last, so that the leaves that come to lie side by side are as close as they can.
std::vector<std::size_t> leaf_order(std::span<const double> distances, std::size_t n,
                                    std::span<const Merge> merges);

/// [n] numbers of clusters, from 0 in the order of their first members: the tree cut so that merges
/// of at most `height` hold.
std::vector<std::size_t> clusters_at(std::size_t n, std::span<const Merge> merges, double height);

/// [n, n] Euclidean distances between rows of `values` [n, width].
std::vector<double> row_distances(std::span<const double> values, std::size_t n);

}  // namespace explainn::model
