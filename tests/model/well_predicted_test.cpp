// Which sequences count as well predicted, against the rules spelled out one sequence at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"
#include "model/interpret/interpretation.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {
namespace {

using Rule = WellPredicted::Rule;
using Rows = std::vector<std::uint32_t>;
using Row = std::vector<double>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t kRows = 600;  // more than one batch

Architecture sizes(std::int64_t tasks) {
  return {.num_units = 3,
          .filter_size = 5,
          .num_fc = 1,
          .pool_size = 3,
          .pool_stride = 2,
          .input_length = 20,
          .num_tasks = tasks};
}

// A model with logits that spread well around 0, sequences of several lengths, labels to be set.
struct Case {
  Case(Criterion criterion, std::int64_t tasks, bool both_strands)
      : model(make(criterion, tasks, both_strands)),
        columns(criterion == Criterion::cross_entropy ? 1 : tasks) {
    data = test::tiny_dataset(kRows, 23, columns, 0);
    logits.assign(kRows, Row(static_cast<std::size_t>(tasks), 0.0));
    add_logits(data::Strand::forward, both_strands ? 0.5 : 1);
    if (both_strands) add_logits(data::Strand::reverse, 0.5);
    all.resize(kRows);
    std::iota(all.begin(), all.end(), 0U);
  }

  void add_logits(data::Strand strand, double share) {
    std::vector<data::Base> bases(kRows * 20);
    std::vector<float> here(kRows * logits[0].size());
    for (std::int64_t row = 0; row < kRows; ++row) {
      data::fit_sequence(data.sequences[row], strand, {bases.data() + row * 20, 20});
    }
    predictor.network().infer({bases.data(), kRows}, {.logits = here.data()});
    for (std::size_t i = 0; i < here.size(); ++i) {
      logits[i / logits[0].size()][i % logits[0].size()] += share * here[i];
    }
  }

  static Model make(Criterion criterion, std::int64_t tasks, bool both_strands) {
    Model model = test::tiny_model(sizes(tasks), criterion, both_strands);
    std::uint64_t i = 0;
    for (std::size_t s = 0; s < model.weights.specs.size(); ++s) {
      if (model.weights.specs[s].name != "final.weight") continue;
      for (float& w : model.weights.values[s]) w = test::random_between(41, i++, -2, 2);
    }
    return model;
  }

  // label(row, column) for every entry; about a tenth goes missing.
  void set_labels(const std::function<double(std::size_t, std::size_t)>& label) {
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
      const auto width = static_cast<std::size_t>(columns);
      const bool missing = test::random_word(17, i) % 10 == 0;
      data.labels[i] = missing ? kMissing : static_cast<float>(label(i / width, i % width));
    }
  }
  // The labelled tasks of a row as (label, prediction) pairs.
  std::vector<std::pair<double, double>> pairs(std::size_t row,
                                               const std::function<double(double)>& link) const {
    std::vector<std::pair<double, double>> result;
    const auto labels = data.row_labels(static_cast<std::int64_t>(row));
    for (std::size_t t = 0; t < labels.size(); ++t) {
      if (!std::isnan(labels[t])) result.emplace_back(labels[t], link(logits[row][t]));
    }
    return result;
  }
  Rows found(const WellPredicted& rule, std::uint64_t seed = 1) {
    return well_predicted_rows(predictor, data, all, rule, seed);
  }

  Model model;
  Predictor predictor{model};
  std::int64_t columns;
  data::Dataset data;
  std::vector<Row> logits;
  Rows all;
};

double random_label(std::size_t row, std::size_t column) {
  return test::random_between(23, row * 100 + column, -1, 1);
}

Rows rows_where(const std::function<bool(std::size_t)>& is) {
  Rows rows;
  for (std::size_t row = 0; row < kRows; ++row) {
    if (is(row)) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

void expect_some_but_not_all(const Rows& rows) {
  EXPECT_GT(rows.size(), 5U);
  EXPECT_LT(rows.size(), static_cast<std::size_t>(kRows) - 5);
}

TEST(WellPredicted, DefaultsFollowTheCriterionAndTheNumberOfTasks) {
  EXPECT_EQ(default_rule(Criterion::bce_with_logits, 5).rule, Rule::exact_match);
  EXPECT_EQ(default_rule(Criterion::cross_entropy, 4).rule, Rule::exact_match);
  for (const Criterion criterion : {Criterion::mse, Criterion::pearson}) {
    EXPECT_EQ(default_rule(criterion, 3).rule, Rule::correlation);
    EXPECT_EQ(default_rule(criterion, 3).value, 0.75);
    EXPECT_EQ(default_rule(criterion, 2).rule, Rule::percentile_top);
  }
  EXPECT_EQ(default_rule(Criterion::poisson_nll, 5).rule, Rule::percentile_top);
  EXPECT_EQ(default_rule(Criterion::mse, 1).value, 10);
}

TEST(WellPredicted, ExactMatchNeedsEveryLabelThatIsThere) {
  for (const bool both_strands : {false, true}) {
    Case c(Criterion::bce_with_logits, 3, both_strands);
    c.set_labels([](std::size_t row, std::size_t t) {
      const double draw = random_label(row, t);
      if (std::abs(draw) < 0.02) return 0.5;  // a soft label is never matched
      return draw > 0 ? 1.0 : 0.0;
    });
    for (std::size_t t = 0; t < 3; ++t) c.data.labels[3 * 4 + t] = kMissing;  // row 4: none
    const Rows expected = rows_where([&](std::size_t row) {
      const auto pairs = c.pairs(row, [](double x) { return x >= 0 ? 1.0 : 0.0; });
      return !pairs.empty() && std::all_of(pairs.begin(), pairs.end(),
                                           [](const auto& p) { return p.first == p.second; });
    });
    expect_some_but_not_all(expected);
    EXPECT_EQ(c.found({.rule = Rule::exact_match, .value = 0, .at_most = {}}), expected);
  }
}

TEST(WellPredicted, ClassesMustHaveTheLargestLogit) {
  Case c(Criterion::cross_entropy, 4, true);
  c.set_labels([](std::size_t row, std::size_t) { return test::random_word(29, row) % 4; });
  const Rows expected = rows_where([&](std::size_t row) {
    const Row& x = c.logits[row];
    const float label = c.data.labels[row];
    return !std::isnan(label) &&
           x[static_cast<std::size_t>(label)] == *std::max_element(x.begin(), x.end());
  });
  expect_some_but_not_all(expected);
  EXPECT_EQ(c.found({.rule = Rule::exact_match, .value = 0, .at_most = {}}), expected);
}

TEST(WellPredicted, CorrelationIsTakenOverTheLabelledTasksOfASequence) {
  Case c(Criterion::mse, 5, true);
  c.set_labels(random_label);
  for (std::size_t t = 0; t < 5; ++t) c.data.labels[5 * 9 + t] = 0.25F;  // constant: undefined
  for (const double least : {0.75, 0.2, -0.9}) {
    const Rows expected = rows_where([&](std::size_t row) {
      const auto pairs = c.pairs(row, [](double x) { return x; });
      const auto n = static_cast<double>(pairs.size());
      double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
      for (const auto& [label, prediction] : pairs) {
        x += label;
        y += prediction;
        xx += label * label;
        yy += prediction * prediction;
        xy += label * prediction;
      }
      if (row == 9 || pairs.size() < 2) return false;
      const double r = (n * xy - x * y) / std::sqrt(n * xx - x * x) / std::sqrt(n * yy - y * y);
      EXPECT_GT(std::abs(r - least), 1e-7);  // else rounding would decide
      return r > least;
    });
    EXPECT_GT(expected.size(), 5U);
    EXPECT_EQ(c.found({.rule = Rule::correlation, .value = least, .at_most = {}}), expected);
  }
}

// Among the k most extreme by label and by prediction, ties with the last one included: fewer than
// k others are strictly more extreme.
Rows by_percentile(const Case& c, double percent, double sign,
                   const std::function<double(double)>& link) {
  std::vector<std::optional<std::pair<double, double>>> means;
  std::size_t known = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto pairs = c.pairs(row, link);
    means.emplace_back();
    if (pairs.empty()) continue;
    ++known;
    std::pair<double, double> sum{0, 0};
    for (const auto& [label, prediction] : pairs) {
      sum.first += sign * label / static_cast<double>(pairs.size());
      sum.second += sign * prediction / static_cast<double>(pairs.size());
    }
    means.back() = sum;
  }
  const auto k = std::max(1.0, std::floor(static_cast<double>(known) * percent / 100));
  return rows_where([&](std::size_t row) {
    if (!means[row]) return false;
    double above_label = 0;
    double above_prediction = 0;
    for (const auto& other : means) {
      above_label += other && other->first > means[row]->first ? 1 : 0;
      above_prediction += other && other->second > means[row]->second ? 1 : 0;
    }
    return above_label < k && above_prediction < k;
  });
}

TEST(WellPredicted, PercentilesRankTheMeanOfTheTasks) {
  const auto same = [](double x) { return x; };
  for (const std::int64_t tasks : {1, 2}) {
    for (const bool top : {true, false}) {
      Case c(Criterion::mse, tasks, true);
      // Labels that follow the predictions, in steps of 1/2: many ties.
      c.set_labels([&](std::size_t row, std::size_t t) {
        return std::round(2 * (c.logits[row][t] + 0.3 * random_label(row, t))) / 2;
      });
      for (const double percent : {10.0, 30.0, 0.01, 100.0}) {
        const Rows expected = by_percentile(c, percent, top ? 1 : -1, same);
        ASSERT_FALSE(expected.empty());
        const WellPredicted rule{.rule = top ? Rule::percentile_top : Rule::percentile_bottom,
                                 .value = percent,
                                 .at_most = {}};
        EXPECT_EQ(c.found(rule), expected) << tasks << " tasks, " << percent << " %, top " << top;
      }
    }
  }
}

TEST(WellPredicted, PoissonComparesExpectedCountsAndNotTheirLogarithms) {
  Case c(Criterion::poisson_nll, 4, false);
  c.set_labels([&](std::size_t row, std::size_t t) {
    return std::exp(c.logits[row][t]) + random_label(row, t) + 1;
  });
  const WellPredicted rule{.rule = Rule::percentile_top, .value = 15, .at_most = {}};
  const Rows expected = by_percentile(c, 15, 1, [](double x) { return std::exp(x); });
  expect_some_but_not_all(expected);
  ASSERT_NE(expected, by_percentile(c, 15, 1, [](double x) { return x; }));
  EXPECT_EQ(c.found(rule), expected);
}

TEST(WellPredicted, OnlyTheGivenRowsAreJudged) {
  Case c(Criterion::bce_with_logits, 1, false);
  c.set_labels([](std::size_t row, std::size_t) { return random_label(row, 0) > 0 ? 1 : 0; });
  const WellPredicted rule{.rule = Rule::exact_match, .value = 0, .at_most = {}};
  const Rows among_all = c.found(rule);
  c.all = {5, 3, 400, 17, 18, 19, 20, 21};
  Rows expected;
  for (const std::uint32_t row : c.all) {
    if (std::binary_search(among_all.begin(), among_all.end(), row)) expected.push_back(row);
  }
  EXPECT_EQ(c.found(rule), expected);
}

TEST(WellPredicted, SamplesAreSeededKeepTheOrderAndFavourNobody) {
  Case c(Criterion::mse, 1, false);
  c.set_labels(random_label);
  for (std::size_t i = 0; i < c.data.labels.size(); ++i) c.data.labels[i] = 1;  // all tie
  c.all.resize(20);
  WellPredicted rule{.rule = Rule::percentile_top, .value = 100, .at_most = 5};
  ASSERT_EQ(c.found(rule, 3), c.found(rule, 3));
  std::vector<double> drawn(20, 0);
  constexpr int kDraws = 2000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const Rows rows = c.found(rule, static_cast<std::uint64_t>(seed));
    ASSERT_EQ(rows.size(), 5U);
    ASSERT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    ASSERT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
    for (const std::uint32_t row : rows) drawn[row] += 1;
  }
  const double mean = kDraws * 5 / 20.0;
  const double deviation = std::sqrt(kDraws * 0.25 * 0.75);
  for (const double times : drawn) EXPECT_NEAR(times, mean, 4 * deviation);
  rule.at_most = 20;
  EXPECT_EQ(c.found(rule), c.all);
  rule.at_most = 21;
  EXPECT_EQ(c.found(rule), c.all);
}

// The message of the UsageError that `rule` must meet.
std::string refusal(Case& c, const WellPredicted& rule) {
  try {
    c.found(rule);
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "not refused";
  return "";
}

TEST(WellPredicted, ErrorsNameTheOption) {
  const auto expect_named = [](Criterion criterion, std::int64_t tasks, const WellPredicted& rule,
                               const std::string& text) {
    Case c(criterion, tasks, false);
    const std::string message = refusal(c, rule);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  const auto with = [](Rule rule, double value) {
    return WellPredicted{.rule = rule, .value = value, .at_most = {}};
  };
  const double nan = std::nan("");
  expect_named(Criterion::mse, 3, with(Rule::exact_match, 0), "--exact-match");
  expect_named(Criterion::mse, 2, with(Rule::correlation, 0.5), "--correlation");
  expect_named(Criterion::cross_entropy, 3, with(Rule::correlation, 0.5), "--correlation");
  expect_named(Criterion::mse, 3, with(Rule::correlation, 1), "--correlation 1");
  expect_named(Criterion::mse, 3, with(Rule::correlation, nan), "--correlation");
  expect_named(Criterion::cross_entropy, 3, with(Rule::percentile_top, 5), "--percentile-top 5");
  expect_named(Criterion::mse, 1, with(Rule::percentile_top, 0), "--percentile-top 0");
  expect_named(Criterion::mse, 1, with(Rule::percentile_bottom, 101), "--percentile-bottom 101");
  expect_named(Criterion::mse, 1, with(Rule::percentile_bottom, nan), "--percentile-bottom");
  WellPredicted none = with(Rule::percentile_top, 10);
  none.at_most = 0;
  expect_named(Criterion::mse, 1, none, "--num-well-pred-seqs 0");
}

TEST(WellPredicted, NobodyLeftIsAnErrorThatNamesTheOption) {
  Case c(Criterion::mse, 3, false);
  std::fill(c.data.labels.begin(), c.data.labels.end(), 1.0F);  // no correlation is defined
  const WellPredicted rule{.rule = Rule::correlation, .value = 0.75, .at_most = {}};
  EXPECT_NE(refusal(c, rule).find("none of 600 sequences"), std::string::npos);
  EXPECT_NE(refusal(c, rule).find("--correlation 0.75"), std::string::npos);
  std::fill(c.data.labels.begin(), c.data.labels.end(), kMissing);
  EXPECT_NE(refusal(c, {.rule = Rule::percentile_bottom, .value = 10, .at_most = {}})
                .find("--percentile-bottom 10"),
            std::string::npos);
}

TEST(WellPredicted, AModelWithoutCriterionCannotBeJudged) {
  Case c(Criterion::bce_with_logits, 1, false);
  Model model = c.model;
  model.config.criterion.reset();
  Predictor predictor(model);
  EXPECT_THROW(well_predicted_rows(predictor, c.data, c.all,
                                   {.rule = Rule::exact_match, .value = 0, .at_most = {}}, 1),
               UsageError);
}

}  // namespace
}  // namespace explainn::model
