#include "model/motif/comparison.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/motif/best_alignments.h"
#include "model/motif/column_scores.h"
#include "model/motif/q_values.h"
#include "model/motif/score_null.h"

namespace explainn::model {
namespace {

constexpr double kSumTolerance = 1e-4;
constexpr std::size_t kMostColumns = 16'000;
// Queries whose alignments wait for their q-values at a time.
constexpr std::size_t kChunk = 128;

bool is_distribution(const ProbabilityColumn& column) {
  double sum = 0;
  for (const double value : column) {
    if (!(value >= 0 && std::isfinite(value))) return false;
    sum += value;
  }
  return std::abs(sum - 1) <= kSumTolerance;
}

void check(const data::MotifFile& file) {
  require(is_distribution(file.background), "compare_motifs", "the background is no distribution");
  for (const data::Motif& motif : file.motifs) {
    const std::size_t columns = motif.columns.size();
    require(columns >= 1 && columns <= kMostColumns, "compare_motifs", "motif '", motif.id,
            "' has ", columns, " columns; 1 to ", kMostColumns, " can be compared");
    require(std::all_of(motif.columns.begin(), motif.columns.end(), is_distribution),
            "compare_motifs", "motif '", motif.id, "' has a column that is no distribution");
    require(motif.sites >= 0 && std::isfinite(motif.sites), "compare_motifs", "motif '", motif.id,
            "': ", motif.sites, " is no number of sites");
  }
}

void check(const ComparisonOptions& options) {
  require(options.pseudocount >= 0 && std::isfinite(options.pseudocount), "compare_motifs",
          "a pseudocount of ", options.pseudocount);
  require(options.min_overlap >= 1, "compare_motifs", "a least overlap of ", options.min_overlap);
  require(options.threshold >= 0, "compare_motifs", "a threshold of ", options.threshold);
}

// What one query is compared in.
struct Workspace {
  Workspace(const TargetColumns& targets, ColumnDistance distance)
      : scores(targets, distance), alignments(targets) {}
  ColumnScores scores;
  ScoreNull null;
  BestAlignments alignments;
  QValues q_values;
};

// Workspaces that nobody uses at the moment: as many as there are threads.
class Workspaces {
 public:
  Workspaces(const TargetColumns& targets, ColumnDistance distance)
      : targets_(targets), distance_(distance) {}

  template <typename Work>
  void with_one(const Work& work) {
    std::unique_ptr<Workspace> own;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!free_.empty()) {
        own = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (!own) own = std::make_unique<Workspace>(targets_, distance_);
    work(*own);
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(std::move(own));
  }

 private:
  const TargetColumns& targets_;
  const ColumnDistance distance_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

class Comparison {
 public:
  Comparison(const data::MotifFile& queries, const data::MotifFile& targets,
             const ComparisonOptions& options)
      : queries_(queries.motifs),
        targets_(targets.motifs),
        options_(options),
        background_(queries.background),
        strands_(options.both_strands ? 2 : 1),
        columns_(target_columns(targets_, background_, options)),
        workspaces_(columns_, options.distance),
        random_(QValues::kSeed) {}

  // Appends the matches of queries first .. end - 1, which must follow those of the call before.
  void add(std::size_t first, std::size_t end, std::vector<MotifMatch>& matches) {
    const std::size_t count = end - first;
    std::vector<Found> found(count);
    // Where the random numbers of each query begin, found while the queries are compared.
    std::vector<TwisterWords> random;
    random.reserve(count);
    parallel_for(static_cast<std::int64_t>(count) + 1, [&](std::int64_t part) {
      if (part > 0) {
        const auto i = static_cast<std::size_t>(part - 1);
        compare(first + i, found[i]);
        return;
      }
      for (std::size_t i = 0; i < count; ++i) {
        random.push_back(random_);
        random_.skip(QValues::words_needed(columns_.strands.size()));
      }
    });
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t part) {
      const auto i = static_cast<std::size_t>(part);
      choose(first + i, found[i], random[i]);
    });
    for (const Found& one : found) {
      matches.insert(matches.end(), one.matches.begin(), one.matches.end());
    }
  }

 private:
  // Of one query.
  struct Found {
    std::vector<float> p;               // by strand
    std::vector<Alignment> alignments;  // by strand
    std::vector<MotifMatch> matches;
  };

  void compare(std::size_t query, Found& found) {
    workspaces_.with_one([&](Workspace& own) {
      own.scores.compute(
          with_pseudocount(queries_[query], options_.pseudocount, background_).columns);
      own.null.compute(own.scores, columns_.count, columns_.widths, strands_);
      own.alignments.compute(own.scores, options_.min_overlap);
      found.alignments = own.alignments.best();
      for (std::size_t s = 0; s < columns_.strands.size(); ++s) {
        const UpperTail& tail = own.null.tails()[columns_.strands[s].width_number];
        found.p.push_back(tail.at(found.alignments[s].score));
      }
    });
  }

  // The strand of `target` with the smaller p, then the larger overlap, then the forward one.
  std::size_t better_strand(std::size_t target, const Found& found) const {
    const std::size_t forward = target * static_cast<std::size_t>(strands_);
    if (strands_ == 1) return forward;
    const std::size_t reverse = forward + 1;
    if (found.p[forward] != found.p[reverse]) {
      return found.p[forward] < found.p[reverse] ? forward : reverse;
    }
    return found.alignments[forward].overlap >= found.alignments[reverse].overlap ? forward
                                                                                  : reverse;
  }

  void choose(std::size_t query, Found& found, TwisterWords& random) {
    workspaces_.with_one([&](Workspace& own) {
      own.q_values.compute(found.p, random);
      const float largest_p =
          options_.threshold_on_evalue ? 1 : own.q_values.largest_p(options_.threshold);
      for (std::size_t target = 0; target < targets_.size(); ++target) {
        const std::size_t strand = better_strand(target, found);
        const float p = found.p[strand];
        if (p > largest_p) continue;
        const MotifMatch match{.query = query,
                               .target = target,
                               .offset = found.alignments[strand].offset,
                               .overlap = found.alignments[strand].overlap,
                               .p = p,
                               .e = static_cast<float>(p * static_cast<double>(targets_.size())),
                               .q = own.q_values.of(p),
                               .reverse = strand % static_cast<std::size_t>(strands_) == 1};
        const float judged = options_.threshold_on_evalue ? match.e : match.q;
        if (judged <= options_.threshold) found.matches.push_back(match);
      }
    });
    std::sort(found.matches.begin(), found.matches.end(),
              [&](const MotifMatch& a, const MotifMatch& b) { return stands_before(a, b); });
    found.p = {};
    found.alignments = {};
  }

  bool stands_before(const MotifMatch& a, const MotifMatch& b) const {
    if (a.p != b.p) return a.p < b.p;
    if (a.overlap != b.overlap) return a.overlap > b.overlap;
    if (a.reverse != b.reverse) return b.reverse;  // '+' comes before '-'
    const int order = targets_[a.target].id.compare(targets_[b.target].id);
    return order != 0 ? order < 0 : a.target < b.target;
  }

  const std::vector<data::Motif>& queries_;
  const std::vector<data::Motif>& targets_;
  const ComparisonOptions& options_;
  const ProbabilityColumn background_;
  const int strands_;
  const TargetColumns columns_;
  Workspaces workspaces_;
  TwisterWords random_;
};

}  // namespace

std::vector<MotifMatch> compare_motifs(const data::MotifFile& queries,
                                       const data::MotifFile& targets,
                                       const ComparisonOptions& options,
                                       const std::function<void(double)>& progress) {
  check(options);
  check(queries);
  check(targets);
  std::vector<MotifMatch> matches;
  if (queries.motifs.empty() || targets.motifs.empty()) return matches;
  Comparison comparison(queries, targets, options);
  const std::size_t count = queries.motifs.size();
  for (std::size_t first = 0; first < count; first += kChunk) {
    const std::size_t end = std::min(first + kChunk, count);
    comparison.add(first, end, matches);
    if (progress) progress(static_cast<double>(end) / static_cast<double>(count));
  }
  return matches;
}

}  // namespace explainn::model
