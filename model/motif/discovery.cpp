#include "model/motif/discovery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/metrics.h"
#include "model/motif/comparison.h"
#include "model/motif/linkage.h"

namespace explainn::model {
namespace {

constexpr double kPseudocount = 0.1;

// Best scores of motifs, [motifs, rows], and the rows' labels.
struct PartScores {
  PartScores(std::span<const ScoreColumns> motifs, const data::Dataset& dataset,
             data::Split split) {
    std::vector<std::span<const data::Base>> sequences;
    for (const std::uint32_t row : dataset.rows(split)) {
      const float label = dataset.row_labels(row)[0];
      if (std::isnan(label)) continue;
      sequences.push_back(dataset.sequences[row]);
      labels.push_back(label);
    }
    best = best_scores(motifs, sequences);
  }

  std::span<const float> of(std::size_t motif) const {
    return std::span(best).subspan(motif * labels.size(), labels.size());
  }
  ScoreAreas areas(std::size_t motif) const {
    return {roc_auc(of(motif), labels), average_precision(of(motif), labels)};
  }

  std::vector<float> labels;
  std::vector<float> best;
};

// The informative motifs: their numbers, their units' and how they are scanned.
struct Candidates {
  explicit Candidates(const Interpretation& result) : file{result.motifs.background, {}} {
    const Frequencies background = strand_symmetric(result.motifs.background);
    auto motif = result.motifs.motifs.begin();
    for (std::size_t unit = 0; unit < result.sites.size(); ++unit) {
      if (result.sites[unit] == 0) continue;
      const data::Motif& next = *motif++;
      if (is_uninformative(next)) continue;
      motifs.push_back(static_cast<std::size_t>(&next - result.motifs.motifs.data()));
      units.push_back(unit);
      columns.push_back(score_columns(next, background, kPseudocount));
      file.motifs.push_back(next);
    }
  }

  std::size_t size() const { return motifs.size(); }

  std::vector<std::size_t> motifs, units;
  std::vector<ScoreColumns> columns;
  data::MotifFile file;
};

// [n] numbers of groups: complete linkage of the larger E-value of each pair.
std::vector<std::size_t> groups_of(const data::MotifFile& motifs) {
  const std::size_t n = motifs.motifs.size();
  std::vector<double> distances(n * n, 0);
  ComparisonOptions options;
  options.threshold = 1;  // all pairs
  for (const MotifMatch& match : compare_motifs(motifs, motifs, options)) {
    for (const std::size_t at : {match.query * n + match.target, match.target * n + match.query}) {
      distances[at] = std::max(distances[at], static_cast<double>(match.e));
    }
  }
  return clusters_at(n, hierarchical_clustering(distances, n, Linkage::complete), kSameMotif);
}

// The candidates of a group, and the one of them that tells most on the validation part.
struct Group {
  std::vector<std::size_t> members;
  std::size_t best;
};

std::vector<Group> groups_with_best(const Candidates& candidates,
                                    const std::vector<ScoreAreas>& areas) {
  const std::vector<std::size_t> group_of = groups_of(candidates.file);
  std::vector<Group> groups;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    // Numbered in the order of their first members.
    if (group_of[i] == groups.size()) groups.push_back({{}, i});
    Group& group = groups[group_of[i]];
    group.members.push_back(i);
    if (areas[i].pr > areas[group.best].pr) group.best = i;
  }
  return groups;
}

}  // namespace

bool DiscoveredMotif::significant() const {
  return log10_e <= std::log10(kSignificant);
}

std::vector<DiscoveredMotif> discover_motifs(const Interpretation& result,
                                             std::span<const double> effects,
                                             const data::Dataset& dataset) {
  require(effects.size() == result.sites.size(), "discover_motifs", "one effect a unit");
  require(dataset.label_columns == 1, "discover_motifs", "one task");
  const Candidates candidates(result);
  if (candidates.size() == 0) return {};
  const PartScores valid(candidates.columns, dataset, data::Split::valid);
  std::vector<ScoreAreas> valid_areas(candidates.size());
  parallel_for(static_cast<std::int64_t>(candidates.size()), [&](std::int64_t at) {
    const auto i = static_cast<std::size_t>(at);
    valid_areas[i] = valid.areas(i);
  });
  const std::vector<Group> groups = groups_with_best(candidates, valid_areas);
  std::vector<ScoreColumns> chosen;
  for (const Group& group : groups) chosen.push_back(candidates.columns[group.best]);
  const PartScores test(chosen, dataset, data::Split::test);

  const FisherTest fisher(
      static_cast<std::int64_t>(std::max(valid.labels.size(), test.labels.size())));
  std::vector<DiscoveredMotif> found(groups.size());
  parallel_for(static_cast<std::int64_t>(groups.size()), [&](std::int64_t at) {
    const auto g = static_cast<std::size_t>(at);
    const std::size_t best = groups[g].best;
    DiscoveredMotif& one = found[g];
    one.motif = candidates.motifs[best];
    one.unit = candidates.units[best];
    for (const std::size_t member : groups[g].members) {
      one.group.push_back(candidates.units[member]);
    }
    one.importance = effects[one.unit];
    one.valid = valid_areas[best];
    one.test = test.areas(g);
    one.hits = count_hits(test.of(g), test.labels,
                          most_enriched_threshold(fisher, valid.of(best), valid.labels));
    one.log10_p = fisher.log10_p(one.hits);
    one.log10_e = std::min(one.log10_p + std::log10(static_cast<double>(groups.size())), 0.0);
  });
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.valid.pr, a.importance) > std::pair(b.valid.pr, b.importance);
  });
  return found;
}

}  // namespace explainn::model
