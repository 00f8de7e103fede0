// Motif comparison against its definition, and at the edges of what it takes.
#include "model/motif/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

#include "kernels/base/error.h"
#include "model/motif/matrix.h"
#include "tests/support/motif_definition.h"
#include "tests/support/threads.h"

namespace explainn::model {
namespace {

using test::Column;
using test::Columns;
using test::Definition;
using test::file_of;
using test::random_motifs;
using test::Shape;

void expect_near(float found, float expected, const std::string& what) {
  EXPECT_NEAR(found, expected, 1.3e-7 * std::abs(expected)) << what;
}

void expect_as_defined(const data::MotifFile& queries, const data::MotifFile& targets,
                       ComparisonOptions options) {
  options.threshold = 1;
  const std::vector<MotifMatch> found = compare_motifs(queries, targets, options);
  const std::size_t count = targets.motifs.size();
  ASSERT_EQ(found.size(), queries.motifs.size() * count);
  const bool q_known = count * (options.both_strands ? 2 : 1) <= 100;
  Definition definition(queries, targets, options);
  for (std::size_t query = 0; query < queries.motifs.size(); ++query) {
    const auto expected = definition.matches(queries.motifs[query], queries.background);
    for (std::size_t i = 0; i < count; ++i) {
      const MotifMatch& match = found[query * count + i];
      const std::string what = cat("query ", query, ", row ", i);
      ASSERT_EQ(match.query, query) << what;
      ASSERT_EQ(match.target, expected[i].target) << what;
      EXPECT_EQ(match.offset, expected[i].offset) << what;
      EXPECT_EQ(match.overlap, expected[i].overlap) << what;
      EXPECT_EQ(match.reverse, expected[i].reverse) << what;
      expect_near(match.p, expected[i].p, what + ", p");
      expect_near(match.e, expected[i].e, what + ", E");
      if (q_known) expect_near(match.q, expected[i].q, what + ", q");
    }
  }
}

struct Case {
  std::string name;
  Shape queries, targets;
  int target_count;
  ComparisonOptions options;
};

class MotifComparison : public testing::TestWithParam<Case> {};

TEST_P(MotifComparison, IsAsDefined) {
  const Case& c = GetParam();
  expect_as_defined(random_motifs(1, 4, c.queries), random_motifs(2, c.target_count, c.targets),
                    c.options);
}

std::vector<Case> cases() {
  const auto pearson = ColumnDistance::pearson;
  return {
      {"Plain", {5, 9, false}, {4, 12, false}, 60, {}},
      {"Pearson", {5, 9, false}, {4, 12, false}, 60, {.distance = pearson}},
      {"OddColumns", {3, 7, true}, {3, 7, true}, 30, {}},
      {"OddColumnsPearson", {3, 7, true}, {3, 7, true}, 30, {.distance = pearson}},
      {"OneStrand", {4, 8, false}, {3, 10, false}, 40, {.both_strands = false}},
      {"OneStrandPearson",
       {4, 8, true},
       {3, 10, false},
       40,
       {.distance = pearson, .both_strands = false}},
      {"LeastOverlap", {4, 8, false}, {3, 10, false}, 30, {.min_overlap = 4}},
      {"LeastOverlapWiderThanMotifs", {4, 8, false}, {3, 10, false}, 30, {.min_overlap = 1000}},
      {"Pseudocounts", {4, 8, true}, {3, 10, true}, 30, {.pseudocount = 3.5}},
      {"NoPseudocounts", {4, 8, true}, {3, 10, true}, 30, {.pseudocount = 0}},
      {"QueryOfOneColumn", {1, 1, false}, {1, 6, false}, 20, {}},
      {"TargetsOfOneColumn", {3, 6, false}, {1, 1, false}, 20, {}},
      {"QueryWiderThanTargets", {9, 14, false}, {2, 5, false}, 20, {}},
      {"QueryNarrowerThanTargets", {2, 3, false}, {9, 15, false}, 20, {}},
      {"OneTarget", {4, 8, false}, {6, 6, false}, 1, {}},
      {"OneTargetOneColumn", {1, 2, false}, {1, 1, false}, 1, {}},
      {"OneTargetOneColumnOneStrand", {1, 2, false}, {1, 1, false}, 1, {.both_strands = false}},
      {"OneTargetPearson", {4, 8, false}, {6, 6, false}, 1, {.distance = pearson}},
      {"OddNumberOfColumns", {4, 8, false}, {5, 5, false}, 7, {.both_strands = false}},
      {"WideSums", {660, 660, false}, {2, 3, false}, 3, {}},
  };
}

INSTANTIATE_TEST_SUITE_P(Cases, MotifComparison, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST(MotifComparisonEdges, ColumnsThatAreAllTheSame) {
  const Column flat{0.25, 0.25, 0.25, 0.25};
  const data::MotifFile file = file_of({Columns(4, flat), Columns(2, flat), Columns(1, flat)});
  for (const ColumnDistance distance : {ColumnDistance::euclidean, ColumnDistance::pearson}) {
    const ComparisonOptions options{.distance = distance, .threshold = 1};
    expect_as_defined(file, file, options);
    for (const MotifMatch& match : compare_motifs(file, file, options)) EXPECT_EQ(match.p, 1);
  }
}

// Half of the columns are equally far from the query, the others hardly nearer: single precision
// cannot tell them apart, yet the least similarity less the median is 0 or not.
TEST(MotifComparisonEdges, DistancesThatOnlyDoubleTellsApart) {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937 random(seed);
    const auto tiny = [&] { return static_cast<double>(random() % 1000) * 1e-10; };
    std::vector<Columns> targets(100, Columns(1, {0.1, 0.2, 0.3, 0.4}));
    for (std::size_t i = seed % 3; i < targets.size(); i += 2) {
      const double a = tiny();
      const double c = tiny();
      targets[i] = {{0.1 + a, 0.2 + c, 0.3 - c, 0.4 - a}};
    }
    const std::vector<Columns> queries{{{0.7, 0.1, 0.1, 0.1}}, {{0.4, 0.3, 0.2, 0.1}}};
    for (const ColumnDistance distance : {ColumnDistance::euclidean, ColumnDistance::pearson}) {
      expect_as_defined(file_of(queries), file_of(targets),
                        {.distance = distance, .pseudocount = 0, .both_strands = seed % 2 == 0});
    }
  }
}

// Most columns are the same, one is hardly further or nearer, the others lie clearly on one side:
// whether the median is the least or the largest similarity decides the scale.
TEST(MotifComparisonEdges, ExtremesThatOnlyDoubleTellsApart) {
  const Column query{0.11, 0.21, 0.29, 0.39};
  const Column most{0.1, 0.2, 0.3, 0.4};
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    std::vector<Columns> targets(20, Columns(1, most));
    for (double& value : targets[3][0]) {
      value += (static_cast<double>(random() % 1000) - 500) * (seed % 2 == 0 ? 4e-11 : 1e-11);
    }
    const Column other = seed % 2 == 0 ? query : Column{1, 0, 0, 0};
    const double step = seed % 2 == 0 ? 0.2 : 0.004;  // a fraction of a score
    for (std::size_t k = 1; k <= 5; ++k) {
      for (std::size_t i = 0; i < 4; ++i) {
        targets[10 + k][0][i] += (other[i] - most[i]) * step * static_cast<double>(k);
      }
    }
    expect_as_defined(file_of({{query}}), file_of(targets),
                      {.pseudocount = 0, .both_strands = false});
  }
}

TEST(MotifComparisonEdges, NothingToCompare) {
  const data::MotifFile none;
  const data::MotifFile some = random_motifs(1, 3, {3, 5, false});
  EXPECT_TRUE(compare_motifs(none, some, {}).empty());
  EXPECT_TRUE(compare_motifs(some, none, {}).empty());
}

TEST(MotifComparisonEdges, AMotifFindsItselfAndItsReverseComplement) {
  data::MotifFile targets = random_motifs(3, 20, {8, 12, false});
  data::MotifFile queries = targets;
  for (std::size_t i = 0; i < queries.motifs.size(); i += 2) {
    queries.motifs[i] = reverse_complement(queries.motifs[i]);
  }
  std::vector<bool> seen(targets.motifs.size());
  for (const MotifMatch& match : compare_motifs(queries, targets, {})) {
    if (seen[match.query]) continue;
    seen[match.query] = true;  // the best one
    EXPECT_EQ(match.target, match.query);
    EXPECT_EQ(match.offset, 0);
    EXPECT_EQ(match.reverse, match.query % 2 == 0);
    EXPECT_EQ(match.overlap, std::ssize(queries.motifs[match.query].columns));
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 20);
}

TEST(MotifComparisonEdges, VeryWideMotifsHaveNumbersToo) {
  const data::MotifFile queries = random_motifs(5, 2, {150, 150, false});
  data::MotifFile targets = random_motifs(6, 60, {6, 9, false});
  targets.motifs.push_back(queries.motifs[1]);
  targets.motifs.back().id = "itself";
  const auto found = compare_motifs(queries, targets, {.threshold = 1});
  ASSERT_EQ(found.size(), 2 * targets.motifs.size());
  for (const MotifMatch& match : found) {
    for (const float value : {match.p, match.q}) {
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 1);
    }
  }
  const MotifMatch& itself = found[targets.motifs.size()];
  EXPECT_EQ(itself.target, targets.motifs.size() - 1);
  EXPECT_LT(itself.p, 1e-30);
}

TEST(MotifComparisonEdges, ThresholdsKeepTheBestOnes) {
  const data::MotifFile queries = random_motifs(7, 5, {6, 9, false});
  const data::MotifFile targets = random_motifs(8, 80, {6, 9, false});
  const auto all = compare_motifs(queries, targets, {.threshold = 1});
  for (const double threshold : {0.0, 0.3, 0.9, 7.5, 1e9}) {
    for (const bool on_evalue : {false, true}) {
      const auto some = compare_motifs(queries, targets,
                                       {.threshold = threshold, .threshold_on_evalue = on_evalue});
      std::size_t kept = 0;
      for (const MotifMatch& match : all) {
        if ((on_evalue ? match.e : match.q) > threshold) continue;
        ASSERT_LT(kept, some.size());
        EXPECT_EQ(some[kept].query, match.query);
        EXPECT_EQ(some[kept].target, match.target);
        EXPECT_EQ(some[kept].q, match.q);
        ++kept;
      }
      EXPECT_EQ(kept, some.size()) << threshold;
    }
  }
}

TEST(MotifComparisonEdges, AnyNumberOfThreadsGivesTheSameBits) {
  const data::MotifFile queries = random_motifs(9, 130, {2, 5, true});
  const data::MotifFile targets = random_motifs(10, 51, {2, 5, true});
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<double> numbers;
    std::vector<double> told;
    for (const MotifMatch& match :
         compare_motifs(queries, targets, {}, [&](double part) { told.push_back(part); })) {
      numbers.insert(numbers.end(),
                     {static_cast<double>(match.query), static_cast<double>(match.target),
                      static_cast<double>(match.offset), match.p, match.q});
    }
    EXPECT_EQ(told, (std::vector<double>{128.0 / 130, 1}));
    EXPECT_FALSE(numbers.empty());
    return numbers;
  });
}

TEST(MotifComparisonEdges, RefusesWhatMakesNoSense) {
  const data::MotifFile good = random_motifs(1, 2, {3, 5, false});
  const auto refused = [&](const data::MotifFile& file, const ComparisonOptions& options) {
    EXPECT_THROW(compare_motifs(file, good, options), std::invalid_argument);
    EXPECT_THROW(compare_motifs(good, file, options), std::invalid_argument);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused(good, {.pseudocount = -0.1});
  refused(good, {.pseudocount = nan});
  refused(good, {.min_overlap = 0});
  refused(good, {.threshold = -1});
  refused(good, {.threshold = nan});
  const std::vector<Column> bad{{nan, 0.5, 0.5, 0}, {-0.1, 0.6, 0.5, 0}, {0.5, 0.25, 0, 0}};
  for (const Column& column : bad) {
    refused(file_of({{{1, 0, 0, 0}, column}}), {});
    data::MotifFile file = good;
    file.background = column;
    refused(file, {});
  }
  refused(file_of({{}}), {});
  refused(file_of({Columns(16'001, {1, 0, 0, 0})}), {});
  data::MotifFile file = good;
  file.motifs[1].sites = nan;
  refused(file, {});
  EXPECT_THROW(column_distance_from("euclid"), UsageError);
  EXPECT_EQ(column_distance_from("pearson"), ColumnDistance::pearson);
}

TEST(MotifComparisonEdges, UninformativeIsLessThanOneBase) {
  const Column flat{0.25, 0.25, 0.25, 0.25};
  const Column half{0.5, 0.5, 0, 0};  // one bit
  const auto judged = [](const Columns& columns) {
    return is_uninformative(file_of({columns}).motifs[0]);
  };
  EXPECT_TRUE(judged(Columns(19, flat)));
  EXPECT_TRUE(judged({flat, half, flat}));
  EXPECT_FALSE(judged({flat, half, half}));
  EXPECT_FALSE(judged({flat, {1, 0, 0, 0}}));
}

}  // namespace
}  // namespace explainn::model
