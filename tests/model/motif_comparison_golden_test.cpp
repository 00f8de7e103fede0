// Motif comparison of real motifs: numpy's rows for other options than the defaults (golden/tomtom;
// tests/cli/tomtom.sh compares the standard tool's whole table).
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include "data/input_stream.h"
#include "data/motif_reader.h"
#include "model/motif/comparison.h"
#include "model/motif/matrix.h"

namespace explainn::model {
namespace {

const std::string kTargets =
    std::string(EXPLAINN_TEST_FILES) + "/../cli/demo/JASPAR2020_vertebrates.meme.gz";
const std::string kFolder = EXPLAINN_TEST_FILES "/golden/tomtom/";
constexpr std::size_t kQueries = 20;  // make_tomtom_golden.py, FEW

std::string number(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", static_cast<double>(value));
  return text.data();
}

void expect_golden_rows(const std::string& name, const ComparisonOptions& options) {
  data::MotifFile queries = data::read_motif_file(kFolder + "explainn_filters.meme.gz");
  queries.motifs.resize(kQueries);
  const data::MotifFile targets = data::read_motif_file(kTargets);
  data::InputStream expected(kFolder + name + ".tsv.gz");
  std::string_view line;
  ASSERT_TRUE(expected.line(line));  // the header
  for (const MotifMatch& match : compare_motifs(queries, targets, options)) {
    const auto text = [&](const data::Motif& motif, bool reverse) {
      const data::Motif one = with_pseudocount(motif, options.pseudocount, queries.background);
      return consensus(reverse ? reverse_complement(one) : one);
    };
    const data::Motif& query = queries.motifs[match.query];
    const data::Motif& target = targets.motifs[match.target];
    std::ostringstream row;
    row << query.id << '\t' << target.id << '\t' << match.offset << '\t' << number(match.p) << '\t'
        << number(match.e) << '\t' << number(match.q) << '\t' << match.overlap << '\t'
        << text(query, false) << '\t' << text(target, match.reverse) << '\t'
        << (match.reverse ? '-' : '+');
    ASSERT_TRUE(expected.line(line)) << "more rows than numpy's: " << row.str();
    ASSERT_EQ(row.str(), line) << "row " << expected.line_number();
  }
  EXPECT_FALSE(expected.line(line)) << "missing: " << line;
  EXPECT_GT(expected.line_number(), 100);
}

TEST(MotifComparisonGolden, Pearson) {
  expect_golden_rows("pearson", {.distance = ColumnDistance::pearson});
}

TEST(MotifComparisonGolden, OneStrand) {
  expect_golden_rows("one_strand", {.both_strands = false});
}

TEST(MotifComparisonGolden, LeastOverlapAndPseudocount) {
  expect_golden_rows("overlap", {.pseudocount = 1, .min_overlap = 8, .threshold = 0.9});
}

TEST(MotifComparisonGolden, ThresholdOnEvalues) {
  expect_golden_rows("evalue", {.threshold = 10, .threshold_on_evalue = true});
}

}  // namespace
}  // namespace explainn::model
