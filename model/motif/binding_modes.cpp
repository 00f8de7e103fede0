#include "model/motif/binding_modes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/base/error.h"
#include "model/motif/linkage.h"
#include "model/motif/matrix.h"
#include "model/motif/typical_motifs.h"

namespace explainn::model {
namespace {

// Queries compared at a time, so that not all matches are held at once.
constexpr std::size_t kQueries = 256;

void check(const ModeOptions& options) {
  require(options.p_value >= 0 && options.p_value <= 1, "binding_modes", "a p-value of ",
          options.p_value);
}

// The best alignment of a query with a target; widths are below 2^15.
struct Pair {
  float p;
  std::int16_t offset;  // first aligned column of the target less that of the query
  bool reverse;
};

// Those motifs of a file that say something, each against each.
class Pairs {
 public:
  Pairs(const data::MotifFile& motifs, const ComparisonOptions& options,
        const std::function<void(double)>& progress)
      : file_{motifs.background, {}} {
    for (std::size_t i = 0; i < motifs.motifs.size(); ++i) {
      if (is_uninformative(motifs.motifs[i])) continue;
      numbers_.push_back(i);
      file_.motifs.push_back(motifs.motifs[i]);
    }
    pairs_.resize(size() * size());
    compare_all(options, progress);
  }

  std::size_t size() const { return numbers_.size(); }
  std::size_t number(std::size_t i) const { return numbers_[i]; }
  const data::Motif& motif(std::size_t i) const { return file_.motifs[i]; }
  const Pair& pair(std::size_t query, std::size_t target) const {
    return pairs_[query * size() + target];
  }
  double distance(std::size_t a, std::size_t b) const {
    return static_cast<double>(std::max(pair(a, b).p, pair(b, a).p));
  }

 private:
  void compare_all(ComparisonOptions options, const std::function<void(double)>& progress) {
    options.threshold = 1;
    options.threshold_on_evalue = false;  // a q-value of 1: every pair
    data::MotifFile targets = file_;
    targets.motifs.insert(targets.motifs.end(), typical_motifs().begin(), typical_motifs().end());
    for (std::size_t first = 0; first < size(); first += kQueries) {
      const std::size_t end = std::min(first + kQueries, size());
      const auto begin = file_.motifs.begin();
      const data::MotifFile queries{
          file_.background,
          {begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(end)}};
      const auto part = [&](double done) {
        const double queries_done = static_cast<double>(first) + done * double(end - first);
        if (progress) progress(queries_done / static_cast<double>(size()));
      };
      for (const MotifMatch& match : compare_motifs(queries, targets, options, part)) {
        if (match.target >= size()) continue;
        pairs_[(first + match.query) * size() + match.target] = {
            match.p, static_cast<std::int16_t>(match.offset), match.reverse};
      }
    }
  }

  std::vector<std::size_t> numbers_;  // in the file they come from
  data::MotifFile file_;
  std::vector<Pair> pairs_;
};

std::vector<std::vector<std::size_t>> clusters(const Pairs& pairs, double p_value) {
  const std::size_t n = pairs.size();
  std::vector<Merge> merges;
  {
    std::vector<double> distances(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) distances[i * n + j] = pairs.distance(i, j);
    }
    merges = hierarchical_clustering(distances, n, Linkage::complete);
  }
  std::vector<std::vector<std::size_t>> members;
  const std::vector<std::size_t> cluster_of = clusters_at(n, merges, p_value);
  for (std::size_t i = 0; i < n; ++i) {
    // Numbered in the order of their first members.
    if (cluster_of[i] == members.size()) members.emplace_back();
    members[cluster_of[i]].push_back(i);
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return members;
}

// The one in the middle.
std::size_t medoid(const Pairs& pairs, const std::vector<std::size_t>& members) {
  const auto rank = [&](std::size_t i) {
    double farthest = 0;
    for (const std::size_t j : members) {
      if (j != i) farthest = std::max(farthest, pairs.distance(i, j));
    }
    return std::pair(farthest, -pairs.motif(i).sites);
  };
  return *std::min_element(members.begin(), members.end(),
                           [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
}

// Members laid over each other: from where on the representative, and what comes out.
class Stack {
 public:
  Stack(const data::MotifFile& file, const BindingMode& mode) : file_(file), mode_(mode) {
    for (const ModeMember& member : mode.members) {
      first_ = std::min(first_, member.start);
      end_ = std::max(end_, member.start + width(member.motif));
      weighted_ = weighted_ && file.motifs[member.motif].sites > 0;
    }
    const auto columns = static_cast<std::size_t>(end_ - first_);
    sums_.resize(columns);
    weights_.resize(columns);
    counts_.resize(columns);
    for (const ModeMember& member : mode.members) add(member);
  }

  data::Motif archetype() const {
    const data::Motif& representative = file_.motifs[mode_.representative];
    data::Motif motif;
    motif.name = representative.name.empty() ? representative.id : representative.name;
    for (std::int64_t at = first_; at < end_; ++at) {
      const auto i = static_cast<std::size_t>(at - first_);
      const bool own = at >= 0 && at < width(mode_.representative);
      if (!own && 2 * counts_[i] < mode_.members.size()) continue;
      motif.columns.push_back(sums_[i]);
      for (double& share : motif.columns.back()) share /= weights_[i];
    }
    for (const ModeMember& member : mode_.members) {
      if (weighted_) motif.sites += file_.motifs[member.motif].sites;
    }
    motif.sites = std::min(motif.sites, data::kMostSites);
    return motif;
  }

 private:
  std::int64_t width(std::size_t motif) const {
    return static_cast<std::int64_t>(file_.motifs[motif].columns.size());
  }

  void add(const ModeMember& member) {
    const data::Motif& motif = file_.motifs[member.motif];
    const double weight = weighted_ ? motif.sites : 1;
    const data::Motif turned = member.reverse ? reverse_complement(motif) : motif;
    auto i = static_cast<std::size_t>(member.start - first_);
    for (const auto& column : turned.columns) {
      for (std::size_t base = 0; base < column.size(); ++base) {
        sums_[i][base] += weight * column[base];
      }
      weights_[i] += weight;
      ++counts_[i++];
    }
  }

  const data::MotifFile& file_;
  const BindingMode& mode_;
  std::int64_t first_ = 0, end_ = 0;
  bool weighted_ = true;
  std::vector<std::array<double, 4>> sums_;
  std::vector<double> weights_;
  std::vector<std::size_t> counts_;  // members that have the column
};

}  // namespace

std::vector<BindingMode> binding_modes(const data::MotifFile& motifs, const ModeOptions& options,
                                       const std::function<void(double)>& progress) {
  check(options);
  const Pairs pairs(motifs, options.comparison, progress);
  if (pairs.size() == 0) return {};
  std::vector<BindingMode> modes;
  for (const std::vector<std::size_t>& members : clusters(pairs, options.p_value)) {
    const std::size_t representative = medoid(pairs, members);
    BindingMode mode;
    mode.representative = pairs.number(representative);
    for (const std::size_t i : members) {
      // Column c of the representative lies over column c + offset of the member.
      const Pair& pair = pairs.pair(representative, i);
      mode.members.push_back(
          {pairs.number(i), pair.reverse, -pair.offset, pairs.distance(representative, i)});
    }
    mode.archetype = Stack(motifs, mode).archetype();
    modes.push_back(std::move(mode));
  }
  return modes;
}

std::vector<std::size_t> first_alike(const data::MotifFile& motifs, const ModeOptions& options,
                                     std::span<const std::size_t> order) {
  check(options);
  data::MotifFile ordered{motifs.background, {}};
  for (const std::size_t number : order) ordered.motifs.push_back(motifs.motifs[number]);
  const Pairs pairs(ordered, options.comparison, {});
  std::vector<std::size_t> stands(order.begin(), order.end());
  std::vector<std::size_t> taken;  // among the pairs
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto better = std::find_if(taken.begin(), taken.end(), [&](std::size_t other) {
      return pairs.distance(i, other) <= options.p_value;
    });
    if (better == taken.end()) {
      taken.push_back(i);
    } else {
      stands[pairs.number(i)] = order[pairs.number(*better)];
    }
  }
  return stands;
}

}  // namespace explainn::model
