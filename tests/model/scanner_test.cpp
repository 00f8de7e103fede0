// Scans of sequences against a loop over all windows.
#include "model/motif/scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "model/metrics.h"
#include "model/motif/hit_counts.h"
#include "model/motif/judgement.h"
#include "tests/support/compare.h"
#include "tests/support/random_motifs.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_data.h"

namespace explainn::model {
namespace {

using Bases = std::vector<data::Base>;
using Listed = std::tuple<std::int64_t, std::int64_t, std::int32_t, data::Strand, std::int32_t>;
constexpr Frequencies kBackground{0.3, 0.2, 0.2, 0.3};

Bases reverse_complement(const Bases& bases) {
  Bases out(bases.rbegin(), bases.rend());
  for (data::Base& base : out) base = data::complement(base);
  return out;
}

// The score of the window at `begin`; nothing if it holds an unknown base.
std::optional<std::int32_t> window_score(const ScoreColumns& columns, const Bases& bases,
                                         std::size_t begin) {
  std::int32_t score = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (bases[begin + k] >= data::kUnknownBase) return std::nullopt;
    score += columns[k][bases[begin + k]];
  }
  return score;
}

// Calls at(begin, strand, score) for each window; the reverse strand is the sequence turned round.
template <typename At>
void each_window(const ScoreColumns& columns, const Bases& bases, const At& at) {
  const Bases turned = reverse_complement(bases);
  for (std::size_t i = 0; i + columns.size() <= bases.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    const auto forward = window_score(columns, bases, i);
    if (!forward) continue;
    at(place, data::Strand::forward, *forward);
    at(place, data::Strand::reverse,
       *window_score(columns, turned, bases.size() - columns.size() - i));
  }
}

class MotifScannerTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::int64_t width : {1, 2, 5, 8, 11, 19, 40}) {
      add_motif(test::random_motif(width, static_cast<std::uint64_t>(width), 30));
    }
    // So strong that all windows are far below the best.
    data::Motif strong;
    strong.sites = 1e7;
    for (std::size_t k = 0; k < 30; ++k) strong.columns.emplace_back()[k % 3] = 1;
    add_motif(strong);
    // None, too short ones, some of usual lengths, and one that is cut into pieces.
    for (const std::int64_t length : {0, 1, 7, 19, 20, 101, 200, 200, 333, 40000, 64}) {
      const auto seed = static_cast<std::uint64_t>(sequences_.size());
      sequences_.push_back(test::random_bases(100 + 2 * seed, length, seed % 2 == 0 ? 0.02 : 0));
    }
    sequences_.emplace_back(50, data::kUnknownBase);
  }

  void add_motif(const data::Motif& motif) {
    columns_.push_back(score_columns(motif, kBackground, 0.1));
    distributions_.emplace_back(columns_.back(), kBackground, 0.003);
    thresholds_.push_back(distributions_.back().threshold());
  }

  static std::vector<std::span<const data::Base>> spans(const std::vector<Bases>& sequences) {
    return {sequences.begin(), sequences.end()};
  }

  std::vector<Listed> found(const std::vector<Bases>& sequences) const {
    const MotifScanner scanner(columns_, thresholds_);
    const auto views = spans(sequences);
    std::vector<Listed> hits;
    for (const MotifScanner::Piece& piece : scanner.cut(views)) {
      for (const MotifHit& hit : scanner.find(views, piece).hits) {
        hits.emplace_back(hit.sequence, hit.begin, hit.motif, hit.strand, hit.score);
      }
    }
    return hits;
  }

  std::vector<Listed> expected(const std::vector<Bases>& sequences) const {
    std::vector<Listed> hits;
    for (std::size_t m = 0; m < columns_.size(); ++m) {
      for (std::size_t s = 0; s < sequences.size(); ++s) {
        each_window(columns_[m], sequences[s],
                    [&](std::int64_t begin, data::Strand strand, std::int32_t score) {
                      if (score >= thresholds_[m]) hits.emplace_back(s, begin, m, strand, score);
                    });
      }
    }
    std::sort(hits.begin(), hits.end());
    return hits;
  }

  std::vector<ScoreColumns> columns_;
  std::vector<ScoreDistribution> distributions_;
  std::vector<std::int32_t> thresholds_;
  std::vector<Bases> sequences_;
};

TEST_F(MotifScannerTest, FindsWhatALoopOverAllWindowsFinds) {
  const std::vector<Listed> hits = expected(sequences_);
  EXPECT_GT(hits.size(), 500U);
  EXPECT_EQ(found(sequences_), hits);
}

TEST_F(MotifScannerTest, SwapsTheStrandsOfATurnedSequence) {
  const Bases& bases = sequences_[9];
  std::vector<Listed> turned;
  for (auto [sequence, begin, motif, strand, score] : found({reverse_complement(bases)})) {
    const auto m = static_cast<std::size_t>(motif);
    turned.emplace_back(
        sequence, static_cast<std::int64_t>(bases.size() - columns_[m].size()) - begin, motif,
        strand == data::Strand::forward ? data::Strand::reverse : data::Strand::forward, score);
  }
  std::sort(turned.begin(), turned.end());
  EXPECT_EQ(turned, found({bases}));
}

TEST_F(MotifScannerTest, GivesEachSequenceItsOwnHits) {
  const std::vector<Listed> all = found(sequences_);
  std::vector<Listed> one_by_one;
  for (std::size_t s = 0; s < sequences_.size(); ++s) {
    for (auto [sequence, begin, motif, strand, score] : found({sequences_[s]})) {
      one_by_one.emplace_back(s, begin, motif, strand, score);
    }
  }
  EXPECT_EQ(one_by_one, all);
}

TEST_F(MotifScannerTest, ScoresSequencesAsALoopOverAllWindows) {
  const MotifScanner scanner(columns_, thresholds_);
  const auto views = spans(sequences_);
  const std::vector<SequenceScore> scores = scanner.score(views);
  const std::vector<SequenceScore> without_sums = scanner.score(views, false);
  std::int64_t far_off = 0;
  for (std::size_t s = 0; s < sequences_.size(); ++s) {
    for (std::size_t m = 0; m < columns_.size(); ++m) {
      const SequenceScore& score = scores[s * columns_.size() + m];
      std::vector<std::int32_t> windows;
      each_window(columns_[m], sequences_[s],
                  [&](std::int64_t, data::Strand, std::int32_t each) { windows.push_back(each); });
      ASSERT_EQ(2 * score.windows, static_cast<std::int64_t>(windows.size()));
      if (windows.empty()) continue;
      const std::int32_t best = *std::max_element(windows.begin(), windows.end());
      long double sum = 0;
      for (const std::int32_t each : windows)
        sum += std::exp2(static_cast<long double>(bits(each - best)));
      EXPECT_EQ(score.best, best);
      EXPECT_EQ(without_sums[s * columns_.size() + m].best, best);
      EXPECT_NEAR(score.sum, static_cast<double>(bits(best) + std::log2(sum)), 1e-6)
          << "sequence " << s << " motif " << m;
      if (bits(distributions_[m].best() - best) > 200) ++far_off;
    }
  }
  EXPECT_GT(far_off, 0) << "no sequence is as bad as the slow way is for";
}

// As if the windows of the other strand were not there.
TEST_F(MotifScannerTest, LooksAtOneStrandIfToldTo) {
  const MotifScanner scanner(columns_, thresholds_, ScanStrands::forward);
  const auto views = spans(sequences_);
  std::vector<Listed> hits;
  std::vector<std::int64_t> windows(columns_.size());
  for (const MotifScanner::Piece& piece : scanner.cut(views)) {
    const MotifScanner::PieceHits part = scanner.find(views, piece);
    for (const MotifHit& hit : part.hits) {
      hits.emplace_back(hit.sequence, hit.begin, hit.motif, hit.strand, hit.score);
    }
    for (std::size_t m = 0; m < windows.size(); ++m) windows[m] += part.windows[m];
  }
  std::vector<Listed> wanted;
  for (const Listed& hit : expected(sequences_)) {
    if (std::get<3>(hit) == data::Strand::forward) wanted.push_back(hit);
  }
  EXPECT_GT(wanted.size(), 200U);
  EXPECT_EQ(hits, wanted);
  const std::vector<SequenceScore> scores = scanner.score(views);
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    std::int64_t count = 0;
    for (std::size_t s = 0; s < sequences_.size(); ++s) {
      const SequenceScore& score = scores[s * columns_.size() + m];
      std::vector<std::int32_t> forward;
      each_window(columns_[m], sequences_[s],
                  [&](std::int64_t, data::Strand strand, std::int32_t each) {
                    if (strand == data::Strand::forward) forward.push_back(each);
                  });
      count += static_cast<std::int64_t>(forward.size());
      if (forward.empty()) continue;
      const std::int32_t best = *std::max_element(forward.begin(), forward.end());
      long double sum = 0;
      for (const std::int32_t each : forward) {
        sum += std::exp2(static_cast<long double>(bits(each - best)));
      }
      EXPECT_EQ(score.best, best);
      EXPECT_NEAR(score.sum, static_cast<double>(bits(best) + std::log2(sum)), 1e-6);
    }
    EXPECT_EQ(windows[m], count);
  }
}

TEST_F(MotifScannerTest, ScoresAreTheSameForAnyNumberOfThreads) {
  const MotifScanner scanner(columns_, thresholds_);
  const auto views = spans(sequences_);
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<double> values;
    for (const SequenceScore& score : scanner.score(views)) {
      values.push_back(score.best);
      values.push_back(score.sum);
    }
    return values;
  });
}

TEST_F(MotifScannerTest, CountsGiveTheQValuesOfAllHits) {
  const MotifScanner scanner(columns_, thresholds_);
  const auto views = spans(sequences_);
  HitCounts counts(distributions_);
  for (const MotifScanner::Piece& piece : scanner.cut(views))
    counts.add(scanner.find(views, piece));
  counts.finish();
  const std::vector<Listed> hits = expected(sequences_);
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    std::int64_t windows = 0;
    for (const Bases& bases : sequences_) {
      each_window(columns_[m], bases, [&](std::int64_t, data::Strand, std::int32_t) { ++windows; });
    }
    // As Benjamini and Hochberg wrote it: sorted p-values, p N / rank, the least from there on.
    std::vector<std::pair<double, std::int32_t>> sorted;
    for (const auto& [sequence, begin, motif, strand, score] : hits) {
      if (motif != static_cast<std::int32_t>(m)) continue;
      sorted.emplace_back(distributions_[m].p_value(score), score);
    }
    std::sort(sorted.begin(), sorted.end());
    double q = 1;
    for (std::size_t rank = sorted.size(); rank > 0; --rank) {
      const auto& [p, score] = sorted[rank - 1];
      q = std::min(q, p * static_cast<double>(windows) / static_cast<double>(rank));
      EXPECT_DOUBLE_EQ(counts.q_value(static_cast<std::int32_t>(m), score), q);
    }
  }
}

TEST_F(MotifScannerTest, JudgesMotifsByTheirScores) {
  data::Dataset dataset = test::tiny_dataset(80, 60, 3, 0);
  const std::vector<std::uint32_t> rows = dataset.rows(std::nullopt);
  const std::vector<MotifJudgement> judged =
      judge_motifs(columns_, dataset, rows, ScanStrands::both);
  ASSERT_EQ(judged.size(), columns_.size() * 3);
  std::vector<std::span<const data::Base>> views;
  for (const std::uint32_t row : rows) views.push_back(dataset.sequences[row]);
  const std::vector<SequenceScore> scores = MotifScanner(columns_, thresholds_).score(views);
  for (std::size_t m = 0; m < columns_.size(); ++m) {
    std::vector<float> best;
    std::vector<float> sum;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const SequenceScore& score = scores[row * columns_.size() + m];
      best.push_back(score.windows == 0 ? -INFINITY : static_cast<float>(bits(score.best)));
      sum.push_back(score.windows == 0 ? -INFINITY : static_cast<float>(score.sum));
    }
    for (std::size_t t = 0; t < 3; ++t) {
      std::vector<float> labels;
      for (std::size_t row = 0; row < rows.size(); ++row)
        labels.push_back(dataset.labels[row * 3 + t]);
      const MotifJudgement& one = judged[m * 3 + t];
      EXPECT_EQ(
          one.positives + one.negatives,
          std::count_if(labels.begin(), labels.end(), [](float x) { return !std::isnan(x); }));
      EXPECT_EQ(one.best.roc, roc_auc(best, labels));
      EXPECT_EQ(one.best.pr, average_precision(best, labels));
      EXPECT_EQ(one.sum.roc, roc_auc(sum, labels));
      EXPECT_EQ(one.sum.pr, average_precision(sum, labels));
    }
  }
}

// Task 0 of tiny_dataset() is 1 where five A were planted.
TEST(JudgeMotifs, FindThePlantedMotif) {
  data::Dataset dataset = test::tiny_dataset(300, 60, 2, 0);
  data::Motif planted;
  planted.columns.assign(5, {1, 0, 0, 0});
  const ScoreColumns columns = score_columns(planted, {0.25, 0.25, 0.25, 0.25}, 0.1);
  const auto judged =
      judge_motifs({&columns, 1}, dataset, dataset.rows(std::nullopt), ScanStrands::both);
  EXPECT_GT(judged[0].best.roc, 0.9);
  EXPECT_GT(judged[0].best.pr, 0.85);
  EXPECT_LT(judged[1].best.roc, 0.7);
}

TEST(JudgeMotifs, RankSequencesWithoutAWindowLast) {
  data::Dataset dataset;
  dataset.label_columns = 1;
  dataset.targets = {"task"};
  dataset.sequences.add(std::vector<data::Base>{1, 1, 1});
  dataset.sequences.add(std::vector<data::Base>{0, 0});
  dataset.labels = {1, 0};
  const std::vector<std::uint32_t> rows{0, 1};
  data::Motif motif;
  motif.columns.assign(3, {1, 0, 0, 0});
  const ScoreColumns columns = score_columns(motif, {0.25, 0.25, 0.25, 0.25}, 0.1);
  const auto judged = judge_motifs({&columns, 1}, dataset, rows, ScanStrands::both);
  EXPECT_EQ(judged[0].best.roc, 1);
  EXPECT_EQ(judged[0].sum.pr, 1);
}

}  // namespace
}  // namespace explainn::model
