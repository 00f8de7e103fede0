#include "model/motif/linkage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/base/error.h"

namespace explainn::model {
namespace {

// A merge as it is found: members that stand for their clusters.
struct Join {
  std::size_t a, b;
  double height;
};

void check(std::span<const double> distances, std::size_t n) {
  require(distances.size() == n * n, "linkage", distances.size(), " distances of ", n, " things");
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double distance = i == j ? 0 : distances[i * n + j];
      require(std::isfinite(distance) && distance >= 0, "linkage", "a distance of ", distance);
    }
  }
}

// Clusters while they merge. A cluster lives on in the row of one of its members.
class Chain {
 public:
  Chain(std::span<const double> distances, std::size_t n, Linkage linkage)
      : n_(n), linkage_(linkage), distances_(distances.begin(), distances.end()), sizes_(n, 1) {}

  std::vector<Join> joins() {
    std::vector<Join> found;
    std::vector<std::size_t> chain;
    while (found.size() + 1 < n_) {
      if (chain.empty()) chain.push_back(first_alive());
      const std::size_t last = chain.back();
      const std::size_t before = chain.size() > 1 ? chain[chain.size() - 2] : last;
      const std::size_t next = nearest(last, before);
      if (next != before) {
        chain.push_back(next);
        continue;
      }
      found.push_back({last, next, distance(last, next)});
      join(std::min(last, next), std::max(last, next));
      chain.resize(chain.size() - 2);
    }
    return found;
  }

 private:
  double& distance(std::size_t a, std::size_t b) { return distances_[a * n_ + b]; }

  std::size_t first_alive() const {
    return static_cast<std::size_t>(
        std::find_if(sizes_.begin(), sizes_.end(), [](std::size_t size) { return size > 0; }) -
        sizes_.begin());
  }

  // The nearest to `of`; of equal ones `before` (or chains would not end), then the first.
  std::size_t nearest(std::size_t of, std::size_t before) {
    std::size_t best = before;
    for (std::size_t other = 0; other < n_; ++other) {
      if (other == of || sizes_[other] == 0) continue;
      if (best == of || distance(of, other) < distance(of, best)) best = other;
    }
    return best;
  }

  // `gone` becomes a part of `kept` (Lance and Williams 1967).
  void join(std::size_t kept, std::size_t gone) {
    const auto a = static_cast<double>(sizes_[kept]);
    const auto b = static_cast<double>(sizes_[gone]);
    sizes_[kept] += sizes_[gone];
    sizes_[gone] = 0;
    for (std::size_t other = 0; other < n_; ++other) {
      if (other == kept || sizes_[other] == 0) continue;
      const double from_a = distance(kept, other);
      const double from_b = distance(gone, other);
      const double joined = linkage_ == Linkage::complete ? std::max(from_a, from_b)
                                                          : (a * from_a + b * from_b) / (a + b);
      distance(kept, other) = joined;
      distance(other, kept) = joined;
    }
  }

  std::size_t n_;
  Linkage linkage_;
  std::vector<double> distances_;
  std::vector<std::size_t> sizes_;  // 0: it has become a part of another
};

// Which cluster everything belongs to.
class Forest {
 public:
  explicit Forest(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }

  std::size_t root(std::size_t at) {
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }
  // Two roots become one, with the next number.
  void merge(std::size_t a, std::size_t b) {
    parent_[a] = parent_[b] = parent_.size();
    parent_.push_back(parent_.size());
  }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

std::vector<Merge> hierarchical_clustering(std::span<const double> distances, std::size_t n,
                                           Linkage linkage) {
  check(distances, n);
  std::vector<Join> joins = Chain(distances, n, linkage).joins();
  // A cluster is found before what it becomes a part of, which lies at least as high (but for
  // rounding: the mean of means may fall below them by a hair).
  std::stable_sort(joins.begin(), joins.end(),
                   [](const Join& a, const Join& b) { return a.height < b.height; });
  Forest forest(n);
  std::vector<std::size_t> sizes(n, 1);
  std::vector<Merge> merges;
  for (const Join& join : joins) {
    const auto [left, right] = std::minmax({forest.root(join.a), forest.root(join.b)});
    sizes.push_back(sizes[left] + sizes[right]);
    merges.push_back({left, right, join.height, sizes.back()});
    forest.merge(left, right);
  }
  return merges;
}

std::vector<std::size_t> leaf_order(std::span<const double> distances, std::size_t n,
                                    std::span<const Merge> merges) {
  require(n == 0 || merges.size() + 1 == n, "linkage", merges.size(), " merges of ", n, " things");
  std::vector<std::vector<std::size_t>> leaves;
  for (std::size_t i = 0; i < n; ++i) leaves.push_back({i});
  for (const Merge& merge : merges) {
    std::vector<std::size_t> left = std::move(leaves[merge.left]);
    std::vector<std::size_t> right = std::move(leaves[merge.right]);
    const auto between = [&](std::size_t a, std::size_t b) { return distances[a * n + b]; };
    const double as_they_are = between(left.back(), right.front());
    const double right_turned = between(left.back(), right.back());
    const double left_turned = between(left.front(), right.front());
    const double both_turned = between(left.front(), right.back());
    const double least = std::min({as_they_are, right_turned, left_turned, both_turned});
    if (least < as_they_are) {
      if (least < right_turned) std::reverse(left.begin(), left.end());
      if (least == right_turned || least < left_turned) std::reverse(right.begin(), right.end());
    }
    left.insert(left.end(), right.begin(), right.end());
    leaves.push_back(std::move(left));
  }
  return n == 0 ? std::vector<std::size_t>() : leaves.back();
}

std::vector<std::size_t> clusters_at(std::size_t n, std::span<const Merge> merges, double height) {
  Forest forest(n);
  for (const Merge& merge : merges) {
    if (merge.height > height) break;
    forest.merge(merge.left, merge.right);
  }
  std::vector<std::size_t> numbers(n);
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t root = forest.root(i);
    const auto found = std::find(seen.begin(), seen.end(), root);
    numbers[i] = static_cast<std::size_t>(found - seen.begin());
    if (found == seen.end()) seen.push_back(root);
  }
  return numbers;
}

std::vector<double> row_distances(std::span<const double> values, std::size_t n) {
  require(n > 0 && values.size() % n == 0, "linkage", values.size(), " values in ", n, " rows");
  const std::size_t width = values.size() / n;
  std::vector<double> distances(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k) {
        const double difference = values[i * width + k] - values[j * width + k];
        sum += difference * difference;
      }
      distances[i * n + j] = distances[j * n + i] = std::sqrt(sum);
    }
  }
  return distances;
}

}  // namespace explainn::model
