#include "model/motif/discovery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/metrics.h"
#include "model/motif/comparison.h"
#include "model/motif/linkage.h"
#include "model/motif/scanner.h"

namespace explainn::model {
namespace {

constexpr double kPseudocount = 0.1;

// Best scores of motifs, [motifs, rows], and the rows' labels.
struct PartScores {
  PartScores(std::span<const ScoreColumns> motifs, const data::Dataset& dataset,
             data::Split split) {
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

  std::vector<std::span<const data::Base>> sequences;
  std::vector<float> labels;
  std::vector<float> best;
};

// The numbers of the informative motifs, and of their units.
struct Candidates {
  explicit Candidates(const Interpretation& result) {
    std::size_t motif = 0;
    for (std::size_t unit = 0; unit < result.sites.size(); ++unit) {
      if (result.sites[unit] == 0) continue;
      if (!is_uninformative(result.motifs.motifs[motif])) {
        motifs.push_back(motif);
        units.push_back(unit);
      }
      ++motif;
    }
  }

  std::vector<std::size_t> motifs, units;
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
  const std::size_t n = candidates.motifs.size();
  if (n == 0) return {};
  data::MotifFile motifs{result.motifs.background, {}};
  std::vector<ScoreColumns> columns;
  const Frequencies background = strand_symmetric(result.motifs.background);
  for (const std::size_t motif : candidates.motifs) {
    motifs.motifs.push_back(result.motifs.motifs[motif]);
    columns.push_back(score_columns(motifs.motifs.back(), background, kPseudocount));
  }
  const PartScores valid(columns, dataset, data::Split::valid);
  const PartScores test(columns, dataset, data::Split::test);
  std::vector<ScoreAreas> valid_areas(n);
  parallel_for(static_cast<std::int64_t>(n), [&](std::int64_t i) {
    valid_areas[static_cast<std::size_t>(i)] = valid.areas(static_cast<std::size_t>(i));
  });

  const std::vector<std::size_t> group_of = groups_of(motifs);
  const std::size_t groups = *std::max_element(group_of.begin(), group_of.end()) + 1;
  std::vector<DiscoveredMotif> found(groups);
  std::vector<std::size_t> chosen(groups, n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t g = group_of[i];
    found[g].group.push_back(candidates.units[i]);
    if (chosen[g] == n || valid_areas[i].pr > valid_areas[chosen[g]].pr) chosen[g] = i;
  }
  const FisherTest fisher(static_cast<std::int64_t>(test.labels.size()));
  parallel_for(static_cast<std::int64_t>(groups), [&](std::int64_t at) {
    DiscoveredMotif& one = found[static_cast<std::size_t>(at)];
    const std::size_t i = chosen[static_cast<std::size_t>(at)];
    one.motif = candidates.motifs[i];
    one.unit = candidates.units[i];
    one.importance = effects[one.unit];
    one.valid = valid_areas[i];
    one.test = test.areas(i);
    one.hits =
        count_hits(test.of(i), test.labels, most_enriched_threshold(valid.of(i), valid.labels));
    one.log10_p = fisher.log10_p(one.hits);
    one.log10_e = std::min(one.log10_p + std::log10(static_cast<double>(groups)), 0.0);
  });
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.valid.pr, a.importance) > std::pair(b.valid.pr, b.importance);
  });
  return found;
}

}  // namespace explainn::model
