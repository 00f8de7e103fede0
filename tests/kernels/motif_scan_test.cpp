// Scans of random texts against each window's score written out base by base.
#include "kernels/motif_scan/motif_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <tuple>

#include "tests/support/buffers.h"
#include "tests/support/compare.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

using Bases = std::vector<std::uint8_t>;

ScoreColumns random_columns(std::mt19937_64& random, std::int64_t width, std::int32_t least) {
  ScoreColumns columns(static_cast<std::size_t>(width));
  for (auto& column : columns) {
    for (std::int32_t& score : column) {
      score =
          least + static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(2001 - least));
    }
  }
  return columns;
}

// One of `unknown` bases is unknown; 0: none.
Bases random_sequence(std::mt19937_64& random, std::int64_t length, std::uint64_t unknown) {
  Bases bases(static_cast<std::size_t>(length));
  for (std::uint8_t& base : bases) {
    base = unknown > 0 && random() % unknown == 0 ? 4 : static_cast<std::uint8_t>(random() % 4);
  }
  return bases;
}

// The definition: what a window scores, the reverse strand read from its end.
std::int64_t window_score(const ScoreColumns& columns, const std::uint8_t* window, bool reverse) {
  std::int64_t score = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    score += reverse ? columns[k][3U - window[columns.size() - 1 - k]] : columns[k][window[k]];
  }
  return score;
}

bool has_unknown(const std::uint8_t* window, std::int64_t width) {
  return std::any_of(window, window + width, [](std::uint8_t base) { return base > 3; });
}

// Calls at(part, begin, reverse, score) for each window of the parts.
template <typename At>
void each_window(const std::vector<TextPart>& parts, const ScoreColumns& columns, const At& at) {
  const auto width = static_cast<std::int64_t>(columns.size());
  for (const bool reverse : {false, true}) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const auto size = static_cast<std::int64_t>(parts[p].bases.size());
      for (std::int64_t i = 0; i < std::min(parts[p].own, size - width + 1); ++i) {
        const std::uint8_t* const window = parts[p].bases.data() + i;
        if (has_unknown(window, width)) continue;
        at(p, i, reverse, window_score(columns, window, reverse));
      }
    }
  }
}

using Listed = std::tuple<std::int64_t, std::int64_t, std::int64_t, bool>;

void check_hits(const std::vector<TextPart>& parts, const ScoreColumns& columns,
                std::int32_t threshold, InstructionSet set) {
  std::vector<Listed> expected;
  each_window(parts, columns, [&](std::size_t p, std::int64_t i, bool reverse, std::int64_t score) {
    if (score >= threshold) expected.emplace_back(p, i, score, reverse);
  });
  ScanText text;
  text.assign(parts);
  ScanScratch scratch;
  std::vector<WindowHit> hits;
  MotifScan(columns, threshold, ScanStrands::both, set).find(text, scratch, hits);
  std::vector<Listed> found;
  for (const WindowHit& hit : hits) {
    found.emplace_back(hit.part, hit.begin, hit.score, hit.reverse);
  }
  EXPECT_EQ(found, expected) << columns.size() << " columns, threshold " << threshold;
}

void check_scores(const std::vector<TextPart>& parts, const ScoreColumns& columns,
                  InstructionSet set) {
  const MotifScan scan(columns, 0, ScanStrands::both, set);
  std::vector<std::int64_t> best(parts.size(), -(std::int64_t{1} << 40));
  std::vector<std::int64_t> windows(parts.size());
  std::vector<double> sum(parts.size());
  each_window(parts, columns, [&](std::size_t p, std::int64_t, bool reverse, std::int64_t score) {
    best[p] = std::max(best[p], score);
    windows[p] += reverse ? 0 : 1;
    sum[p] += std::exp2(-static_cast<double>(scan.best() - score) / kScoresPerBit);
  });
  ScanText text;
  text.assign(parts);
  ScanScratch scratch;
  std::vector<PartScore> scores(parts.size());
  scan.score(text, scratch, true, scores);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const std::string where = "part " + std::to_string(p) + " of " + std::to_string(columns.size());
    ASSERT_EQ(scores[p].windows, windows[p]) << where;
    if (windows[p] == 0) continue;
    EXPECT_EQ(scores[p].out_of_reach, scan.best() - best[p] >= kSaturated) << where;
    if (scores[p].out_of_reach) continue;
    EXPECT_EQ(scores[p].best, best[p]) << where;
    if (sum[p] < kTrustedSum) {
      EXPECT_LT(scores[p].sum, kTrustedSum * 1.000001) << where;
      continue;
    }
    // Relative: sums differ by orders of magnitude.
    test::expect_close(std::vector{scores[p].sum / sum[p]}, std::vector{1.0}, 1e-6, where);
  }
}

class MotifScanOf : public testing::TestWithParam<InstructionSet> {
 protected:
  // Parts of all sorts: empty, shorter than motifs, at sizes of blocks and off them, with and
  // without unknown bases, and with windows that belong to another part.
  std::vector<TextPart> parts() {
    for (const std::int64_t length : {0, 1, 3, 18, 63, 64, 65, 127, 128, 129, 200, 1025, 3001}) {
      for (const std::uint64_t unknown : {0U, 40U, 2U}) {
        sequences_.push_back(random_sequence(random_, length, unknown));
      }
    }
    sequences_.emplace_back(70, 4);
    std::vector<TextPart> parts;
    for (const Bases& bases : sequences_) {
      const auto size = static_cast<std::int64_t>(bases.size());
      parts.push_back({bases, random_() % 3 == 0 ? size / 2 : size});
    }
    return parts;
  }

  std::mt19937_64 random_{20};
  std::vector<Bases> sequences_;
};

TEST_P(MotifScanOf, FindsTheWindowsOfTheDefinition) {
  const std::vector<TextPart> all = parts();
  for (const std::int64_t width : {1, 2, 3, 7, 8, 19, 20, 33, 64, 101}) {
    const ScoreColumns columns = random_columns(random_, width, width % 2 == 0 ? -3000 : -12000);
    const std::int32_t best = MotifScan(columns, 0).best();
    for (const std::int32_t reach : {-1, 0, 100, 5000, 20000, 100000, 2000000}) {
      check_hits(all, columns, best - reach, GetParam());
    }
  }
}

TEST_P(MotifScanOf, ScoresPartsAsTheDefinition) {
  const std::vector<TextPart> all = parts();
  for (const std::int64_t width : {1, 2, 3, 7, 8, 19, 20, 33, 64, 101}) {
    for (const std::int32_t least : {1900, -3000, -40000}) {
      check_scores(all, random_columns(random_, width, least), GetParam());
    }
  }
}

TEST_P(MotifScanOf, GivesTheSameBitsAsTheBaseline) {
  const std::vector<TextPart> all = parts();
  ScanText text;
  text.assign(all);
  ScanScratch scratch;
  const ScoreColumns columns = random_columns(random_, 11, -2500);
  std::vector<PartScore> expected(all.size());
  MotifScan(columns, 0, ScanStrands::both, InstructionSet::baseline)
      .score(text, scratch, true, expected);
  std::vector<PartScore> scores(all.size());
  MotifScan(columns, 0, ScanStrands::both, GetParam()).score(text, scratch, true, scores);
  for (std::size_t p = 0; p < all.size(); ++p) {
    EXPECT_EQ(scores[p].best, expected[p].best);
    EXPECT_EQ(scores[p].sum, expected[p].sum);
  }
}

TEST_P(MotifScanOf, LoopsStayWithinTheirBuffers) {
  const ScanLoops& loops = scan_loops(GetParam());
  for (const std::int64_t windows : {1, 63, 64, 65, 127, 128, 129, 300}) {
    for (const std::int64_t pairs : {1, 4, 10}) {
      const std::int64_t bases = windows + 2 * pairs - 1;
      const test::Input<std::uint8_t> codes(
          std::vector<std::uint8_t>(static_cast<std::size_t>(bases + kCodePadding), 5));
      const test::Input<std::uint16_t> wide(
          std::vector<std::uint16_t>(static_cast<std::size_t>(bases + kCodePadding), 5));
      const auto entries = static_cast<std::size_t>(32 * pairs);
      const test::Input<std::uint8_t> rough(std::vector<std::uint8_t>(entries, 1));
      const test::Input<std::uint16_t> words(std::vector<std::uint16_t>(entries, 100));
      std::vector<std::uint8_t> halves(2 * entries);
      for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = i / 16 % 2 == 0 ? 100 : 0;
      const test::Input<std::uint8_t> bytes(halves);

      test::Guarded<std::int32_t> forward(windows);
      test::Guarded<std::int32_t> reverse(windows);
      test::Guarded<std::int64_t> count(2);
      loops.within({windows,
                    pairs,
                    codes.data(),
                    rough.data(),
                    static_cast<std::uint8_t>(pairs),
                    {forward.data(), reverse.data()},
                    count.data()});
      EXPECT_EQ(count.copy(), (std::vector<std::int64_t>{windows, windows}));
      for (std::int64_t i = 0; i < windows; ++i) EXPECT_EQ(forward[i] + reverse[i], 2 * i);

      const test::Input<WindowRun> runs({{0, windows}, {windows - 1, 1}, {0, 0}});
      test::Guarded<std::uint16_t> least(3);
      test::Guarded<double> sum(3);
      loops.run_scores({3, runs.data(), pairs, codes.data(), wide.data(), words.data(),
                        bytes.data(), least.data(), sum.data()});
      test::Guarded<std::uint16_t> without_sums(3);
      loops.run_scores({3, runs.data(), pairs, codes.data(), wide.data(), words.data(),
                        bytes.data(), without_sums.data(), nullptr});
      EXPECT_EQ(without_sums.copy(), least.copy());
      const auto each = static_cast<std::uint16_t>(100 * pairs);
      EXPECT_EQ(least.copy(), (std::vector<std::uint16_t>{each, each, kSaturated}));
      const double one = 2 * std::exp2(-static_cast<double>(each) / kScoresPerBit);
      const auto all = static_cast<double>(windows);
      test::expect_close(sum.copy(), std::vector{all * one, one, 0.0}, 1e-6);
    }
  }
}

TEST_P(MotifScanOf, AddsUpManyWindowsWell) {
  // All windows of a text of A score the same.
  const ScoreColumns columns{{1000, 1333, 0, 0}};
  const Bases bases(1 << 20, 0);
  const std::vector<TextPart> one{{bases, 1 << 20}};
  ScanText text;
  text.assign(one);
  ScanScratch scratch;
  std::vector<PartScore> score(1);
  MotifScan(columns, 0, ScanStrands::both, GetParam()).score(text, scratch, true, score);
  const double expected = std::exp2(-333.0 / kScoresPerBit) + std::exp2(-1333.0 / kScoresPerBit);
  EXPECT_EQ(score[0].best, 1000);
  test::expect_close(std::vector{score[0].sum / (1 << 20)}, std::vector{expected}, 5e-7);
}

INSTANTIATE_TEST_SUITE_P(All, MotifScanOf, test::every_instruction_set(),
                         test::instruction_set_name);

TEST(MotifScan, RefusesWhatIsNoMotif) {
  EXPECT_THROW(MotifScan({}, 0), std::invalid_argument);
  EXPECT_THROW(MotifScan(ScoreColumns(1001), 0), std::invalid_argument);
  EXPECT_THROW(MotifScan({{0, 0, 0, -1000001}}, 0), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::kernels
