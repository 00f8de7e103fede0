// Motif comparison by its definition: every alignment enumerated, every distribution convolved by
// itself, in double. And motifs to compare.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/motif/comparison.h"

namespace explainn::test {

using Column = std::array<double, 4>;
using Columns = std::vector<Column>;
using model::ColumnDistance;
using model::ComparisonOptions;
using model::MotifMatch;

struct Shape {
  std::int64_t least, most;  // columns
  bool odd;                  // with flat, repeated and fully determined columns
};

inline data::Motif random_motif(std::mt19937& random, const std::string& id, const Shape& shape) {
  data::Motif motif{.id = id, .name = "", .columns = {}, .sites = 0};
  const auto width =
      shape.least + static_cast<std::int64_t>(
                        random() % static_cast<std::uint32_t>(shape.most - shape.least + 1));
  for (std::int64_t i = 0; i < width; ++i) {
    Column column{};
    double sum = 0;
    for (double& value : column) sum += value = static_cast<double>(random() % 50);
    if (sum == 0) sum = column[0] = 1;
    for (double& value : column) value /= sum;
    if (shape.odd && random() % 3 == 0) column = {0.25, 0.25, 0.25, 0.25};
    if (shape.odd && random() % 3 == 0) column = {0, 1, 0, 0};
    motif.columns.push_back(column);
  }
  motif.sites = static_cast<double>(random() % 60) * 0.75;
  return motif;
}

inline data::MotifFile random_motifs(std::uint32_t seed, int count, const Shape& shape) {
  std::mt19937 random(seed);
  data::MotifFile file;
  file.background = {0.3, 0.25, 0.15, 0.3};
  for (int i = 0; i < count; ++i) {
    file.motifs.push_back(random_motif(random, "m" + std::to_string(i), shape));
  }
  return file;
}

inline Columns smoothed(const data::Motif& motif, const Column& background, double pseudocount) {
  const Column even{(background[0] + background[3]) / 2, (background[1] + background[2]) / 2,
                    (background[1] + background[2]) / 2, (background[0] + background[3]) / 2};
  const double sites = motif.sites >= 1 ? std::floor(motif.sites) : 20;
  Columns out = motif.columns;
  for (Column& column : out) {
    for (std::size_t i = 0; i < 4; ++i) {
      column[i] = (column[i] * sites + pseudocount * even[i]) / (sites + pseudocount);
    }
  }
  return out;
}

inline double similarity(const Column& a, const Column& b, ColumnDistance distance) {
  double squares = 0;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    squares += (a[i] - b[i]) * (a[i] - b[i]);
    ab += (a[i] - 0.25) * (b[i] - 0.25);
    aa += (a[i] - 0.25) * (a[i] - 0.25);
    bb += (b[i] - 0.25) * (b[i] - 0.25);
  }
  if (distance == ColumnDistance::euclidean) return -std::sqrt(squares);
  return aa < 1e-20 || bb < 1e-20 ? 0 : ab / std::sqrt(aa * bb);
}

class Definition {
  using Distribution = std::map<int, double>;

 public:
  Definition(const data::MotifFile& queries, const data::MotifFile& targets,
             const ComparisonOptions& options)
      : targets_(targets), options_(options) {
    for (const data::Motif& target : targets.motifs) {
      Columns columns = smoothed(target, queries.background, options.pseudocount);
      strands_.push_back(columns);
      if (!options.both_strands) continue;
      std::reverse(columns.begin(), columns.end());
      for (Column& column : columns) std::reverse(column.begin(), column.end());
      strands_.push_back(columns);
    }
    for (const Columns& strand : strands_) all_.insert(all_.end(), strand.begin(), strand.end());
  }

  // q is left out where it takes random numbers.
  std::vector<MotifMatch> matches(const data::Motif& query, const Column& background) {
    score(smoothed(query, background, options_.pseudocount));
    const std::size_t times = options_.both_strands ? 2 : 1;
    std::vector<MotifMatch> found;
    std::vector<double> p;
    std::size_t begin = 0;
    for (std::size_t s = 0; s < strands_.size(); begin += strands_[s++].size()) {
      MotifMatch match = align(begin, strands_[s].size());
      match.target = s / times;
      match.reverse = s % times == 1;
      match.e = static_cast<float>(static_cast<double>(match.p) * targets_.motifs.size());
      p.push_back(match.p);
      found.push_back(match);
    }
    for (MotifMatch& match : found) match.q = static_cast<float>(q_value(p, match.p));
    std::vector<MotifMatch> better;
    for (std::size_t s = 0; s < found.size(); s += times) {
      const bool second =
          times == 2 && (found[s + 1].p < found[s].p ||
                         (found[s + 1].p == found[s].p && found[s + 1].overlap > found[s].overlap));
      better.push_back(found[second ? s + 1 : s]);
    }
    std::sort(better.begin(), better.end(), [&](const MotifMatch& a, const MotifMatch& b) {
      const auto key = [&](const MotifMatch& m) {
        return std::tuple(m.p, -m.overlap, (m.reverse ? "-" : "+") + targets_.motifs[m.target].id);
      };
      return key(a) < key(b);
    });
    return better;
  }

 private:
  void score(const Columns& query) {
    width_ = static_cast<int>(query.size());
    std::vector<std::vector<double>> s;
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    const std::size_t n = all_.size();
    for (const Column& column : query) {
      std::vector<double> row;
      for (const Column& other : all_) row.push_back(similarity(column, other, options_.distance));
      std::vector<double> sorted = row;
      std::sort(sorted.begin(), sorted.end());
      const std::size_t low = n / 2 > 0 ? n / 2 - 1 : 0;
      const std::size_t high = (n + 1) / 2 - 1;
      const double median = (sorted[low] + sorted[high]) / 2;
      for (double& value : row) {
        value -= median;
        least = std::min(least, value);
        most = std::max(most, value);
      }
      s.push_back(row);
    }
    if (least == most) least = most - 1;
    const double offset = std::floor(least);
    const double scale = std::floor(100 / (most - offset));
    penalty_ = static_cast<int>(-offset * scale);
    scores_.assign(s.size(), std::vector<int>(n));
    for (std::size_t i = 0; i < s.size(); ++i) {
      for (std::size_t c = 0; c < n; ++c) {
        scores_[i][c] = static_cast<int>(std::floor((s[i][c] - offset) * scale + 0.5));
        EXPECT_GE(scores_[i][c], 0);
        EXPECT_LE(scores_[i][c], 100);
      }
    }
    nulls_.clear();
    sums_.clear();
  }

  const Distribution& sum(int first, int last) {
    const auto [place, fresh] = sums_.try_emplace({first, last});
    if (!fresh) return place->second;
    Distribution all{{(width_ - (last - first + 1)) * penalty_, 1.0}};
    for (int i = first; i <= last; ++i) {
      std::map<int, int> counts;
      for (const int value : scores_[static_cast<std::size_t>(i)]) ++counts[value];
      Distribution next;
      for (const auto& [x, p] : all) {
        for (const auto& [value, count] : counts) {
          next[x + value] += p * count / static_cast<double>(all_.size());
        }
      }
      all = std::move(next);
    }
    return place->second = std::move(all);
  }

  // P(max = x) = P(max <= x) - P(max < x), kept as a sum of positive terms.
  const Distribution& null(int t) {
    const auto [place, fresh] = nulls_.try_emplace(t);
    if (!fresh) return place->second;
    std::vector<const Distribution*> parts;
    for (int offset = -(width_ - 1); offset < t; ++offset) {
      const Distribution& part = sum(std::max(0, -offset), std::min(width_ - 1, t - 1 - offset));
      for (int k = 0; k < (options_.both_strands ? 2 : 1); ++k) parts.push_back(&part);
    }
    int low = std::numeric_limits<int>::max();
    int high = 0;
    for (const Distribution* const part : parts) {
      low = std::min(low, part->begin()->first);
      high = std::max(high, part->rbegin()->first);
    }
    std::vector<double> p(static_cast<std::size_t>(high - low + 1));
    std::vector<double> below = p;
    bool first = true;
    for (const Distribution* const part : parts) {
      double f = 0;
      double before = 0;  // of all parts so far, P(max < x)
      for (int x = low; x <= high; ++x) {
        const auto at = static_cast<std::size_t>(x - low);
        const auto found = part->find(x);
        const double mine = found == part->end() ? 0 : found->second;
        f += mine;
        const double up_to = below[at];
        p[at] = first ? mine : p[at] * f + before * mine;
        below[at] = first ? f : up_to * f;
        before = up_to;
      }
      first = false;
    }
    for (std::size_t i = 0; i < p.size(); ++i) place->second[low + static_cast<int>(i)] = p[i];
    return place->second;
  }

  MotifMatch align(std::size_t begin, std::size_t target_width) {
    const int t = static_cast<int>(target_width);
    const int least = static_cast<int>(
        std::min<std::int64_t>({options_.min_overlap, width_, static_cast<std::int64_t>(t)}));
    MotifMatch best{};
    int most = -1;
    for (int offset = -(width_ - least); offset <= t - least; ++offset) {
      int total = 0;
      int overlap = 0;
      for (int i = 0; i < width_; ++i) {
        const int j = i + offset;
        const bool aligned = j >= 0 && j < t;
        overlap += aligned;
        total += aligned ? scores_[static_cast<std::size_t>(i)][begin + static_cast<std::size_t>(j)]
                         : penalty_;
      }
      if (total < most || (total == most && overlap <= best.overlap)) continue;
      most = total;
      best.offset = offset;
      best.overlap = overlap;
    }
    double tail = 0;
    const Distribution& p = null(t);
    for (auto x = p.rbegin(); x != p.rend() && x->first >= most; ++x) tail += x->second;
    best.p = static_cast<float>(tail);
    return best;
  }

  static double q_value(const std::vector<double>& all, double p) {
    double q = 1;
    for (const double at_least : all) {
      if (at_least < p) continue;
      const auto rank =
          std::count_if(all.begin(), all.end(), [&](double other) { return other <= at_least; });
      q = std::min(q, at_least * static_cast<double>(all.size()) / static_cast<double>(rank));
    }
    return q;
  }

  const data::MotifFile& targets_;
  const ComparisonOptions& options_;
  std::vector<Columns> strands_;
  Columns all_;
  int width_ = 0;
  int penalty_ = 0;
  std::vector<std::vector<int>> scores_;
  std::map<std::pair<int, int>, Distribution> sums_;
  std::map<int, Distribution> nulls_;
};

inline data::MotifFile file_of(const std::vector<Columns>& motifs) {
  data::MotifFile file;
  for (const Columns& columns : motifs) {
    const std::string id = "m" + std::to_string(file.motifs.size());
    file.motifs.push_back({.id = id, .name = "", .columns = columns, .sites = 20});
  }
  return file;
}

}  // namespace explainn::test
