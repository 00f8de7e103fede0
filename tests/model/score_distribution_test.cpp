// p-values against all words of a motif's length, one by one.
#include "model/motif/score_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/base/error.h"
#include "tests/support/compare.h"
#include "tests/support/random_motifs.h"

namespace explainn::model {
namespace {

const std::vector<Frequencies> kBackgrounds = {
    {0.25, 0.25, 0.25, 0.25}, {0.3, 0.2, 0.2, 0.3}, {0.499, 0.001, 0.001, 0.499}};

// A word's score and how likely it is.
struct Word {
  std::int32_t score;
  long double p;
};

// All 4^w words of the columns first .. last - 1.
std::vector<Word> all_words(const ScoreColumns& columns, std::size_t first, std::size_t last,
                            const Frequencies& background) {
  std::vector<Word> words{{0, 1}};
  for (std::size_t k = first; k < last; ++k) {
    std::vector<Word> longer;
    for (const Word& word : words) {
      for (std::size_t b = 0; b < 4; ++b) {
        longer.push_back({word.score + columns[k][b], word.p * background[b]});
      }
    }
    words = std::move(longer);
  }
  return words;
}

// P(score >= s) for each score that a word has.
std::map<std::int32_t, long double> tails(const std::vector<Word>& words) {
  std::map<std::int32_t, long double> tail;
  for (const Word& word : words) tail[word.score] += word.p;
  long double sum = 0;
  for (auto at = tail.rbegin(); at != tail.rend(); ++at) at->second = sum += at->second;
  return tail;
}

// The quotient of each p-value and what it should be: they differ by orders of magnitude.
class Quotients {
 public:
  void add(double actual, long double expected) {
    values_.push_back(static_cast<double>(actual / expected));
  }
  void expect_ones(const std::string& where) const {
    test::expect_close(values_, std::vector(values_.size(), 1.0), 1e-12, where);
  }

 private:
  std::vector<double> values_;
};

TEST(ScoreDistribution, HoldsThePValuesOfAllWords) {
  for (std::int64_t width = 1; width <= 8; ++width) {
    for (const Frequencies& background : kBackgrounds) {
      const data::Motif motif = test::random_motif(width, static_cast<std::uint64_t>(width), 20);
      const ScoreColumns columns = score_columns(motif, background, 0.1);
      const auto tail = tails(all_words(columns, 0, columns.size(), background));
      const ScoreDistribution distribution(columns, background, 1);
      EXPECT_EQ(distribution.threshold(), tail.begin()->first);
      ASSERT_EQ(distribution.best(), tail.rbegin()->first);
      Quotients quotients;
      // Between two scores the p-value is that of the higher one.
      for (std::int32_t s = distribution.threshold(); s <= distribution.best(); ++s) {
        quotients.add(distribution.p_value(s), tail.lower_bound(s)->second);
      }
      quotients.expect_ones(cat(width, " columns"));
    }
  }
}

TEST(ScoreDistribution, KeepsThePValuesUpToALimit) {
  for (const Frequencies& background : kBackgrounds) {
    const ScoreColumns columns = score_columns(test::random_motif(7, 3, 50), background, 0.1);
    const auto tail = tails(all_words(columns, 0, columns.size(), background));
    for (const double limit : {1e-30, 1e-4, 0.01, 0.3, 1.0}) {
      const ScoreDistribution distribution(columns, background, limit);
      const std::int32_t threshold = distribution.threshold();
      ASSERT_LE(threshold, distribution.best() + 1);
      Quotients quotients;
      quotients.add(distribution.least_p(), tail.rbegin()->second);
      for (std::int32_t s = threshold; s <= distribution.best(); ++s) {
        quotients.add(distribution.p_value(s), tail.lower_bound(s)->second);
        EXPECT_LE(distribution.p_value(s), limit);
      }
      quotients.expect_ones(cat("limit ", limit));
      // One score lower would be too likely.
      if (threshold > tail.begin()->first) {
        EXPECT_GT(tail.lower_bound(threshold - 1)->second, limit);
      }
    }
  }
}

// All 4^16 words of two halves: a word reaches a score if its second half makes up for the first.
long double p_of_halves(const std::vector<Word>& first,
                        const std::map<std::int32_t, long double>& second_tail,
                        std::int32_t score) {
  long double sum = 0;
  for (const Word& word : first) {
    const auto at = second_tail.lower_bound(score - word.score);
    if (at != second_tail.end()) sum += word.p * at->second;
  }
  return sum;
}

TEST(ScoreDistribution, HoldsThePValuesOfLongMotifs) {
  for (const std::uint64_t seed : {1U, 2U}) {
    const Frequencies& background = kBackgrounds[seed];
    const data::Motif motif = test::random_motif(16, seed, seed == 1 ? 15 : 2000);
    const ScoreColumns columns = score_columns(motif, background, 0.1);
    const std::vector<Word> first = all_words(columns, 0, 8, background);
    const auto second = tails(all_words(columns, 8, 16, background));
    const ScoreDistribution distribution(columns, background, 1);
    const std::int32_t range = distribution.best() - distribution.threshold();
    Quotients quotients;
    for (int i = 0; i <= 20; ++i) {
      const std::int32_t score = distribution.best() - range * i / 40;
      quotients.add(distribution.p_value(score), p_of_halves(first, second, score));
    }
    quotients.expect_ones(cat("seed ", seed));
  }
}

TEST(ScoreColumns, AreLogarithmsOfOdds) {
  data::Motif motif;
  motif.columns = {{1, 0, 0, 0}, {0.25, 0.25, 0.25, 0.25}, {0.1, 0.2, 0.3, 0.4}};
  const Frequencies background{0.3, 0.2, 0.2, 0.3};
  for (const double given : {0.0, 0.5, 7.9}) {
    motif.sites = given;
    const double sites = given == 7.9 ? 7 : 20;
    const ScoreColumns columns = score_columns(motif, background, 0.5);
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t b = 0; b < 4; ++b) {
        const double p = (motif.columns[k][b] * sites + 0.5 * background[b]) / (sites + 0.5);
        EXPECT_NEAR(bits(columns[k][b]), std::log2(p / background[b]), 0.5001 / 200);
      }
    }
  }
}

TEST(ScoreColumns, RefuseWhatHasNoScore) {
  data::Motif motif;
  const Frequencies uniform{0.25, 0.25, 0.25, 0.25};
  EXPECT_THROW(score_columns(motif, uniform, 0.1), std::invalid_argument);
  motif.columns = {{1, 0, 0, 0}};
  EXPECT_THROW(score_columns(motif, uniform, 0), std::invalid_argument);
  EXPECT_THROW(score_columns(motif, {0, 0.5, 0.5, 0}, 0.1), std::invalid_argument);
  EXPECT_THROW(score_columns(motif, {0.2, 0.25, 0.25, 0.3}, 0.1), std::invalid_argument);
  EXPECT_THROW(strand_symmetric({0, 0.5, 0.5, 0}), std::invalid_argument);
}

TEST(StrandSymmetric, AveragesAndDividesBySum) {
  test::expect_close(strand_symmetric({1, 3, 2, 4}), Frequencies{0.25, 0.25, 0.25, 0.25}, 1e-15);
  test::expect_close(strand_symmetric({0.4, 0.1, 0.3, 0.2}), Frequencies{0.3, 0.2, 0.2, 0.3},
                     1e-15);
}

}  // namespace
}  // namespace explainn::model
