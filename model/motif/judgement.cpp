#include "model/motif/judgement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/metrics.h"

namespace explainn::model {
namespace {

constexpr std::size_t kScoresInMemory = std::size_t{1} << 25;  // of both kinds
constexpr std::size_t kScoresAtOnce = std::size_t{1} << 20;
constexpr float kLowest = -std::numeric_limits<float>::infinity();

/// Scores of some motifs, [motifs, rows] each.
struct ScoreRows {
  std::vector<float> best;
  std::vector<float> sum;
};

// Calls visit(at, score) for each motif on each sequence; `at` counts [motifs, sequences].
template <typename Visit>
void each_score(std::span<const ScoreColumns> motifs, Sequences sequences, ScanStrands strands,
                bool sums, const Visit& visit) {
  const std::vector<std::int32_t> thresholds(motifs.size(), 0);
  const MotifScanner scanner(motifs, thresholds, strands);
  const std::size_t at_once =
      std::max<std::size_t>(kScoresAtOnce / std::max<std::size_t>(motifs.size(), 1), 1);
  for (std::size_t first = 0; first < sequences.size(); first += at_once) {
    const Sequences some = sequences.subspan(first, std::min(at_once, sequences.size() - first));
    const std::vector<SequenceScore> scores = scanner.score(some, sums);
    for (std::size_t s = 0; s < some.size(); ++s) {
      for (std::size_t m = 0; m < motifs.size(); ++m) {
        visit(m * sequences.size() + first + s, scores[s * motifs.size() + m]);
      }
    }
  }
}

float best_of(const SequenceScore& score) {
  return score.windows == 0 ? kLowest : static_cast<float>(bits(score.best));
}

ScoreRows score_rows(std::span<const ScoreColumns> motifs, Sequences sequences,
                     ScanStrands strands) {
  ScoreRows all{std::vector<float>(motifs.size() * sequences.size()),
                std::vector<float>(motifs.size() * sequences.size())};
  each_score(motifs, sequences, strands, /*sums=*/true,
             [&](std::size_t at, const SequenceScore& score) {
               all.best[at] = best_of(score);
               all.sum[at] = score.windows == 0 ? kLowest : static_cast<float>(score.sum);
             });
  return all;
}

std::vector<std::vector<float>> labels_of_tasks(const data::Dataset& dataset,
                                                std::span<const std::uint32_t> rows) {
  std::vector<std::vector<float>> tasks(static_cast<std::size_t>(dataset.label_columns));
  for (const std::uint32_t row : rows) {
    const std::span<const float> labels = dataset.row_labels(row);
    for (std::size_t t = 0; t < tasks.size(); ++t) tasks[t].push_back(labels[t]);
  }
  return tasks;
}

MotifJudgement judge(std::span<const float> best, std::span<const float> sum,
                     const std::vector<float>& labels) {
  const auto positives =
      std::count_if(labels.begin(), labels.end(), [](float label) { return label >= 0.5F; });
  const auto negatives =
      std::count_if(labels.begin(), labels.end(), [](float label) { return label < 0.5F; });
  return {positives,
          negatives,
          {roc_auc(best, labels), average_precision(best, labels)},
          {roc_auc(sum, labels), average_precision(sum, labels)}};
}

}  // namespace

std::vector<float> best_scores(std::span<const ScoreColumns> motifs, Sequences sequences,
                               ScanStrands strands) {
  std::vector<float> best(motifs.size() * sequences.size());
  each_score(motifs, sequences, strands, /*sums=*/false,
             [&](std::size_t at, const SequenceScore& score) { best[at] = best_of(score); });
  return best;
}

std::vector<MotifJudgement> judge_motifs(std::span<const ScoreColumns> motifs,
                                         const data::Dataset& dataset,
                                         std::span<const std::uint32_t> rows, ScanStrands strands,
                                         const std::function<void(double)>& progress) {
  require(dataset.kind == data::LabelKind::numeric, "judge_motifs", "labels are classes");
  const std::vector<std::vector<float>> labels = labels_of_tasks(dataset, rows);
  std::vector<std::span<const data::Base>> sequences;
  for (const std::uint32_t row : rows) sequences.push_back(dataset.sequences[row]);
  std::vector<MotifJudgement> result(motifs.size() * labels.size());
  const std::size_t at_once =
      std::max<std::size_t>(kScoresInMemory / std::max<std::size_t>(rows.size(), 1), 1);
  for (std::size_t first = 0; first < motifs.size(); first += at_once) {
    const auto some = motifs.subspan(first, std::min(at_once, motifs.size() - first));
    const ScoreRows scores = score_rows(some, sequences, strands);
    parallel_for(static_cast<std::int64_t>(some.size() * labels.size()), [&](std::int64_t part) {
      const auto at = static_cast<std::size_t>(part);
      const std::size_t begin = at / labels.size() * rows.size();
      result[first * labels.size() + at] =
          judge(std::span(scores.best).subspan(begin, rows.size()),
                std::span(scores.sum).subspan(begin, rows.size()), labels[at % labels.size()]);
    });
    if (progress)
      progress(static_cast<double>(first + some.size()) / static_cast<double>(motifs.size()));
  }
  return result;
}

}  // namespace explainn::model
