#include "model/motif/score_null.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/motif_definition.h"

namespace explainn::model {
namespace {

TEST(ScoreNull, IsADistributionOfWhatCanBe) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const auto queries = test::random_motifs(seed, 1, {1, 6, false});
    const auto targets = test::random_motifs(seed + 100, 3, {1, 6, seed % 2 == 0});
    const TargetColumns columns = target_columns(targets.motifs, queries.background,
                                                 ComparisonOptions{.both_strands = seed % 3 != 0});
    ColumnScores scores(columns, ColumnDistance::euclidean);
    scores.compute(queries.motifs[0].columns);
    ScoreNull null;
    const std::vector<std::int64_t> widths{1, 2, 3, 5, 6, 9};
    for (const int strands : {1, 2}) {
      null.compute(scores, columns.count, widths, strands);
      ASSERT_EQ(null.tails().size(), widths.size());
      float before = 0;  // wider targets have more chances
      for (const UpperTail& tail : null.tails()) {
        EXPECT_EQ(tail.from_first.front(), 1) << seed;
        EXPECT_TRUE(std::is_sorted(tail.from_first.rbegin(), tail.from_first.rend()));
        EXPECT_EQ(tail.at(tail.first - 1), 1);
        EXPECT_EQ(tail.at(-1), 1);
        EXPECT_EQ(tail.at(100'000), 0);
        const std::int64_t middle = 60 * scores.columns();
        EXPECT_GE(tail.at(middle), before) << seed;
        before = tail.at(middle);
      }
    }
  }
}

}  // namespace
}  // namespace explainn::model
