#include "model/motif/discovery.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/metrics.h"
#include "model/motif/binding_modes.h"
#include "model/motif/matrix.h"
#include "model/motif/own_sites.h"

namespace explainn::model {
namespace {

constexpr double kPseudocount = 0.1;

// A part of the sequences and the best scores of motifs there, [motifs, rows].
struct PartScores {
  PartScores(std::span<const ScoreColumns> motifs, const data::Dataset& dataset, data::Split split,
             ScanStrands strands) {
    for (const std::uint32_t row : dataset.rows(split)) {
      const float label = dataset.row_labels(row)[0];
      if (std::isnan(label)) continue;
      part.sequences.push_back(dataset.sequences[row]);
      part.labels.push_back(label);
    }
    best = best_scores(motifs, part.sequences, strands);
  }

  std::span<const float> of(std::size_t motif) const {
    return std::span(best).subspan(motif * part.labels.size(), part.labels.size());
  }
  ScoreAreas areas(std::size_t motif) const {
    return {roc_auc(of(motif), part.labels), average_precision(of(motif), part.labels)};
  }

  LabelledSequences part;
  std::vector<float> best;
};

// The informative motifs: their numbers, their units' and how they are scanned.
struct Candidates {
  Candidates(const data::MotifFile& file, const std::vector<std::int64_t>& sites)
      : by_motif(file.motifs.size()) {
    const Frequencies background = strand_symmetric(file.background);
    std::size_t next = 0;
    for (std::size_t unit = 0; unit < sites.size(); ++unit) {
      if (sites[unit] == 0) continue;
      const std::size_t at = next++;
      if (is_uninformative(file.motifs[at])) continue;
      by_motif[at] = motifs.size();
      motifs.push_back(at);
      units.push_back(unit);
      columns.push_back(score_columns(file.motifs[at], background, kPseudocount));
    }
  }

  std::size_t size() const { return motifs.size(); }
  std::vector<std::size_t> motifs, units;
  std::vector<std::size_t> by_motif;  // which candidate a motif is; 0 where it is none
  std::vector<ScoreColumns> columns;
};

std::vector<ScoreAreas> areas_of(const PartScores& scores, std::size_t motifs) {
  std::vector<ScoreAreas> areas(motifs);
  parallel_for(static_cast<std::int64_t>(motifs), [&](std::int64_t at) {
    const auto i = static_cast<std::size_t>(at);
    areas[i] = scores.areas(i);
  });
  return areas;
}

// The candidates, the best first.
std::vector<std::size_t> ranking(const data::MotifFile& file, const Candidates& candidates,
                                 const std::vector<ScoreAreas>& areas) {
  std::vector<std::size_t> order(areas.size());
  std::iota(order.begin(), order.end(), 0);
  const auto information = [&](std::size_t i) {
    return total_information(file.motifs[candidates.motifs[i]]);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return areas[a].pr != areas[b].pr ? areas[a].pr > areas[b].pr : information(a) > information(b);
  });
  return order;
}

// Of a group, the best first, the most informative of those that tell nearly as much as the best: a
// unit may fire on both strands of a site and its motif be a blur of the two.
std::size_t clearest(const data::MotifFile& file, const Candidates& candidates,
                     const std::vector<ScoreAreas>& areas, const std::vector<std::size_t>& group) {
  constexpr double kNearly = 0.98;
  const auto information = [&](std::size_t i) {
    return total_information(file.motifs[candidates.motifs[i]]);
  };
  std::size_t clearest = group.front();
  for (const std::size_t i : group) {
    const bool tells = areas[i].pr >= kNearly * areas[group.front()].pr;
    if (tells && information(i) > information(clearest)) clearest = i;
  }
  return clearest;
}

// Those that no better one stands for, the best first, with their groups.
std::vector<DiscoveredMotif> without_redundant(const data::MotifFile& file,
                                               const Candidates& candidates,
                                               const std::vector<ScoreAreas>& areas,
                                               ScanStrands strands) {
  const std::vector<std::size_t> ranked = ranking(file, candidates, areas);
  std::vector<std::size_t> order;
  for (const std::size_t i : ranked) order.push_back(candidates.motifs[i]);
  ModeOptions options;
  options.comparison.both_strands = strands == ScanStrands::both;
  const std::vector<std::size_t> stands = first_alike(file, options, order);
  std::vector<std::vector<std::size_t>> groups;  // of candidates, the best first
  std::map<std::size_t, std::size_t> group_of;   // by the motif that stands for it
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto [place, first] = group_of.emplace(stands[i], groups.size());
    if (first) groups.emplace_back();
    groups[place->second].push_back(ranked[i]);
  }
  std::vector<DiscoveredMotif> found;
  for (const std::vector<std::size_t>& group : groups) {
    const std::size_t one = clearest(file, candidates, areas, group);
    found.emplace_back();
    found.back().motif = candidates.motifs[one];
    found.back().unit = candidates.units[one];
    found.back().valid = areas[one];
    for (const std::size_t i : group) found.back().group.push_back(candidates.units[i]);
    std::sort(found.back().group.begin(), found.back().group.end());
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.valid.pr > b.valid.pr; });
  return found;
}

}  // namespace

bool DiscoveredMotif::significant() const {
  return log10_e <= std::log10(kSignificant);
}

std::vector<DiscoveredMotif> discover_motifs(const Interpretation& result,
                                             const data::Dataset& dataset, ScanStrands strands) {
  require(dataset.label_columns == 1, "discover_motifs", "one task");
  // As they are written, so that a scan with the file gives the same numbers.
  const data::MotifFile file = data::as_written(result.motifs);
  const Candidates candidates(file, result.sites);
  if (candidates.size() == 0) return {};
  const PartScores valid(candidates.columns, dataset, data::Split::valid, strands);
  const std::vector<ScoreAreas> valid_areas = areas_of(valid, candidates.size());
  std::vector<DiscoveredMotif> found = without_redundant(file, candidates, valid_areas, strands);
  std::vector<ScoreColumns> chosen;
  for (const DiscoveredMotif& one : found) {
    chosen.push_back(candidates.columns[candidates.by_motif[one.motif]]);
  }
  const PartScores test(chosen, dataset, data::Split::test, strands);
  const std::vector<ScoreAreas> test_areas = areas_of(test, chosen.size());
  const FisherTest fisher(
      static_cast<std::int64_t>(std::max(valid.part.labels.size(), test.part.labels.size())));
  parallel_for(static_cast<std::int64_t>(found.size()), [&](std::int64_t at) {
    const auto m = static_cast<std::size_t>(at);
    DiscoveredMotif& one = found[m];
    one.test = test_areas[m];
    one.threshold = most_enriched_threshold(fisher, valid.of(candidates.by_motif[one.motif]),
                                            valid.part.labels);
    one.hits = count_hits(test.of(m), test.part.labels, one.threshold);
    one.log10_p = fisher.log10_p(one.hits);
  });
  OwnSites own(valid.part, test.part, fisher, strands, found.size());
  for (std::size_t m = 0; m < found.size(); ++m) {
    own.judge(chosen[m], motif_core(file.motifs[found[m].motif]), found[m]);
  }
  return found;
}

}  // namespace explainn::model
