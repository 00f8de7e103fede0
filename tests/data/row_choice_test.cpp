// Rows kept with all that belongs to them, drawn by their labels, and equal sequences found.
#include "data/row_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace explainn::data {
namespace {

using Sequence = std::vector<Base>;
using Rows = std::vector<std::uint32_t>;

// Row i: i + 1 bases, id "r<i>", split i % 3, a place from i on, and labels (i, -i).
Dataset numbered(std::int64_t count) {
  Dataset dataset;
  for (std::int64_t i = 0; i < count; ++i) {
    dataset.sequences.add(Sequence(static_cast<std::size_t>(i + 1), static_cast<Base>(i % 4)));
    const std::string id = "r" + std::to_string(i);
    dataset.id_bytes.add(as_bases(id));
    dataset.labels.push_back(static_cast<float>(i));
    dataset.labels.push_back(-static_cast<float>(i));
    dataset.splits.push_back(static_cast<Split>(i % 3));
    dataset.places.add(Place{i % 2 == 0 ? "chr1" : "chr2", i, 2 * i + 1});
  }
  dataset.label_columns = 2;
  dataset.targets = {"up", "down"};
  return dataset;
}

TEST(KeepRows, LeavesThemWithAllThatBelongsToThem) {
  Dataset dataset = numbered(10);
  const Rows rows{1, 2, 6, 9};
  keep_rows(dataset, rows);
  ASSERT_EQ(dataset.size(), 4);
  ASSERT_EQ(dataset.labels.size(), 8U);
  ASSERT_EQ(dataset.splits.size(), 4U);
  ASSERT_EQ(dataset.places.size(), 4);
  EXPECT_EQ(dataset.targets.size(), 2U);
  for (std::int64_t at = 0; at < 4; ++at) {
    const std::int64_t row = rows[static_cast<std::size_t>(at)];
    EXPECT_EQ(dataset.sequences.length(at), row + 1);
    EXPECT_EQ(dataset.id(at), "r" + std::to_string(row));
    EXPECT_EQ(dataset.row_labels(at)[0], static_cast<float>(row));
    EXPECT_EQ(dataset.row_labels(at)[1], -static_cast<float>(row));
    EXPECT_EQ(dataset.splits[static_cast<std::size_t>(at)], static_cast<Split>(row % 3));
    EXPECT_EQ(dataset.places[at]->chrom, row % 2 == 0 ? "chr1" : "chr2");
    EXPECT_EQ(dataset.places[at]->start, row);
  }
}

TEST(KeepRows, OfDataWithoutLabelsSplitsAndPlaces) {
  Dataset dataset;
  for (const Sequence& one : {Sequence{0, 1}, Sequence{2}, Sequence{3, 3, 3}}) {
    dataset.sequences.add(one);
    dataset.id_bytes.add(one);
  }
  keep_rows(dataset, Rows{2});
  ASSERT_EQ(dataset.size(), 1);
  EXPECT_EQ(dataset.sequences.length(0), 3);
  EXPECT_TRUE(dataset.labels.empty());
  EXPECT_TRUE(dataset.splits.empty());
  keep_rows(dataset, {});
  EXPECT_EQ(dataset.size(), 0);
}

TEST(KeepRows, RefusesRowsOutOfOrderOrNotThere) {
  Dataset dataset = numbered(5);
  EXPECT_THROW(keep_rows(dataset, Rows{2, 1}), std::invalid_argument);
  EXPECT_THROW(keep_rows(dataset, Rows{2, 2}), std::invalid_argument);
  EXPECT_THROW(keep_rows(dataset, Rows{5}), std::invalid_argument);
}

// 40 positives, 90 negatives and 20 without a label, mixed.
Dataset mixed() {
  Dataset dataset;
  for (int i = 0; i < 150; ++i) {
    dataset.sequences.add(Sequence{0});
    const float nan = std::numeric_limits<float>::quiet_NaN();
    dataset.labels.push_back(i * 7 % 150 < 40 ? 1.0F : i * 7 % 150 < 130 ? 0.0F : nan);
  }
  dataset.label_columns = 1;
  return dataset;
}

std::map<int, int> count_labels(const Dataset& dataset, const Rows& rows) {
  std::map<int, int> counts;
  for (const std::uint32_t row : rows) {
    const float label = dataset.row_labels(row)[0];
    ++counts[std::isnan(label) ? -1 : static_cast<int>(label)];
  }
  return counts;
}

TEST(DrawnRows, AreAtMostSoManyOfEachLabel) {
  const Dataset dataset = mixed();
  using Counts = std::map<int, int>;
  for (const auto& [most, counts] : {std::pair{30, Counts{{0, 30}, {1, 30}}},
                                     {60, Counts{{0, 60}, {1, 40}}},
                                     {90, Counts{{0, 90}, {1, 40}}},
                                     {1000, Counts{{0, 90}, {1, 40}}}}) {
    const Rows rows = drawn_rows(dataset, most, 7);
    EXPECT_EQ(count_labels(dataset, rows), counts) << most;
    EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    EXPECT_EQ(std::set<std::uint32_t>(rows.begin(), rows.end()).size(), rows.size());
  }
}

// Each of 90 negatives is drawn in a third of 600 draws, within five standard deviations.
TEST(DrawnRows, AreDrawnAlikeByTheSeed) {
  const Dataset dataset = mixed();
  EXPECT_EQ(drawn_rows(dataset, 30, 7), drawn_rows(dataset, 30, 7));
  EXPECT_NE(drawn_rows(dataset, 30, 7), drawn_rows(dataset, 30, 8));
  constexpr int kDraws = 600;
  std::map<std::uint32_t, int> times;
  for (int seed = 0; seed < kDraws; ++seed) {
    for (const std::uint32_t row : drawn_rows(dataset, 30, static_cast<std::uint64_t>(seed))) {
      if (dataset.row_labels(row)[0] == 0) ++times[row];
    }
  }
  EXPECT_EQ(times.size(), 90U);
  const double deviation = std::sqrt(kDraws * (1.0 / 3) * (2.0 / 3));
  for (const auto& [row, count] : times) EXPECT_NEAR(count, kDraws / 3.0, 5 * deviation) << row;
}

TEST(DrawnRows, WithoutLabelsAreOfOneKind) {
  Dataset dataset;
  for (int i = 0; i < 20; ++i) dataset.sequences.add(Sequence{1});
  EXPECT_EQ(drawn_rows(dataset, 8, 1).size(), 8U);
  EXPECT_EQ(drawn_rows(dataset, 50, 1).size(), 20U);
}

TEST(FirstEquals, AreEqualOnEitherStrand) {
  SequenceSet sequences;
  for (const Sequence& one :
       {Sequence{0, 0, 1}, Sequence{0, 0, 2}, Sequence{2, 3, 3}, Sequence{0, 0, 1},
        Sequence{0, 0, 1, 1}, Sequence{1, 3, 3}, Sequence{4, 0}, Sequence{3, 4}, Sequence{}}) {
    sequences.add(one);
  }
  EXPECT_EQ(first_equals(sequences, 9), (Rows{0, 1, 0, 0, 4, 1, 6, 6, 8}));
  EXPECT_EQ(first_equals(sequences, 3), (Rows{0, 1, 0}));
}

}  // namespace
}  // namespace explainn::data
