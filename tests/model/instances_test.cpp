// Motif instances: the windows beyond the threshold, where they stand in the sequence as it was
// read, and what their units contribute.
#include "model/interpret/instances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/interpret/interpretation.h"
#include "tests/support/compare.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {
namespace {

constexpr std::int64_t kUnits = 3;
constexpr std::int64_t kWidth = 5;
constexpr std::int64_t kLength = 21;
constexpr std::int64_t kPositions = kLength - kWidth + 1;
constexpr std::int64_t kTasks = 2;

Model small_model(bool both_strands) {
  return test::tiny_model({.num_units = kUnits,
                           .filter_size = kWidth,
                           .num_fc = 1,
                           .pool_size = 3,
                           .pool_stride = 2,
                           .input_length = kLength,
                           .num_tasks = kTasks},
                          Criterion::bce_with_logits, both_strands, 21);
}

// Shorter and longer ones than the network's length, some with unknown bases.
data::Dataset ragged(std::int64_t count) {
  data::Dataset data;
  for (std::int64_t row = 0; row < count; ++row) {
    data.sequences.add(
        test::random_bases(400 + static_cast<std::uint64_t>(row), 1 + row % 40, 0.02));
    const std::string id = "seq" + std::to_string(row);
    data.id_bytes.add(std::vector<data::Base>(id.begin(), id.end()));
  }
  return data;
}

std::vector<std::uint32_t> some_rows(const data::Dataset& data) {
  std::vector<std::uint32_t> rows;
  for (std::int64_t row = 0; row < data.size(); ++row) {
    if (row % 3 != 1) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

// What a filter reads there: the bases of [start, end) on the strand.
std::vector<data::Base> bases_at(const data::Dataset& data, const Instance& instance) {
  const auto sequence = data.sequences[instance.row];
  std::vector<data::Base> bases(sequence.begin() + instance.start, sequence.begin() + instance.end);
  if (instance.strand == data::Strand::forward) return bases;
  std::reverse(bases.begin(), bases.end());
  std::transform(bases.begin(), bases.end(), bases.begin(), data::complement);
  return bases;
}

struct Window {
  std::int64_t unit;
  std::uint32_t row;
  bool reverse;
  float activation;
  std::vector<data::Base> bases;  // without the padding, unknown bases of the sequence included
  std::vector<double> contributions;

  auto key() const { return std::tie(unit, row, reverse, activation, bases); }
};

// The sites of one sample as the network itself gives them. The padding is told from unknown bases
// by fitting a sequence of As of the same length.
void add_windows(Predictor& predictor, const data::Dataset& data, std::uint32_t row,
                 data::Strand strand, const std::vector<float>& thresholds,
                 std::vector<Window>& windows) {
  std::vector<data::Base> fitted(kLength);
  data::fit_sequence(data.sequences[row], strand, fitted);
  std::vector<data::Base> there(kLength);
  const std::vector<data::Base> known(data.sequences[row].size(), data::Base{0});
  data::fit_sequence(known, strand, there);
  std::vector<float> activations(kUnits * kPositions);
  std::vector<float> outputs(kUnits);
  predictor.network().infer({fitted.data(), 1},
                            {.unit_outputs = outputs.data(), .activations = activations.data()});
  const std::vector<double> all = contributions(predictor.model(), outputs);
  for (std::size_t u = 0; u < kUnits; ++u) {
    for (std::size_t i = 0; i < kPositions; ++i) {
      const float activation = activations[u * kPositions + i];
      if (!(activation > thresholds[u])) continue;
      Window window{static_cast<std::int64_t>(u),
                    row,
                    strand == data::Strand::reverse,
                    activation,
                    {},
                    {all.begin() + static_cast<std::ptrdiff_t>(u * kTasks),
                     all.begin() + static_cast<std::ptrdiff_t>((u + 1) * kTasks)}};
      for (std::size_t k = i; k < i + kWidth; ++k) {
        if (there[k] != data::kUnknownBase) window.bases.push_back(fitted[k]);
      }
      if (!window.bases.empty()) windows.push_back(window);
    }
  }
}

TEST(Instances, AreTheWindowsBeyondTheThresholdAtTheirPlaces) {
  for (const bool both_strands : {false, true}) {
    Predictor predictor(small_model(both_strands));
    const data::Dataset data = ragged(120);
    const auto rows = some_rows(data);
    const Interpretation found = interpret(predictor, data, rows, {});
    const std::vector<float> thresholds = site_thresholds(found.max_activation);
    std::vector<Window> expected;
    for (const std::uint32_t row : rows) {
      add_windows(predictor, data, row, data::Strand::forward, thresholds, expected);
      if (both_strands) {
        add_windows(predictor, data, row, data::Strand::reverse, thresholds, expected);
      }
    }
    ASSERT_GT(expected.size(), 50U);
    std::size_t at = 0;
    each_instance(predictor, data, rows, thresholds, [&](const Instance& instance) {
      ASSERT_LT(at, expected.size());
      const Window& window = expected[at++];
      const Window here{instance.unit,
                        instance.row,
                        instance.strand == data::Strand::reverse,
                        instance.activation,
                        bases_at(data, instance),
                        {}};
      EXPECT_EQ(here.key(), window.key()) << "instance " << at;
      EXPECT_EQ(std::vector(instance.contributions.begin(), instance.contributions.end()),
                window.contributions);
    });
    EXPECT_EQ(at, expected.size());
  }
}

TEST(Instances, SitesAreCountedAsInTheMotifsButForThePadding) {
  Predictor predictor(small_model(true));
  data::Dataset data;
  for (std::uint64_t row = 0; row < 40; ++row) {
    data.sequences.add(test::random_bases(row, kLength + 4, 0.0));
    data.id_bytes.add(std::vector<data::Base>{'s', static_cast<data::Base>('0' + row)});
  }
  const auto rows = some_rows(data);
  const Interpretation found = interpret(predictor, data, rows, {});
  std::vector<std::int64_t> sites(kUnits);
  each_instance(predictor, data, rows, site_thresholds(found.max_activation),
                [&](const Instance& instance) {
                  EXPECT_EQ(instance.end - instance.start, kWidth);
                  ++sites[static_cast<std::size_t>(instance.unit)];
                });
  EXPECT_EQ(sites, found.sites);
}

// The examples of a filter: of all samples with a site those of largest output, one a sequence, and
// in each the largest activation.
TEST(Instances, ExamplesAreTheSitesOfLargestOutput) {
  for (const bool both_strands : {false, true}) {
    Predictor predictor(small_model(both_strands));
    data::Dataset data;
    for (std::uint64_t row = 0; row < 120; ++row) {
      data.sequences.add(test::random_bases(row, kLength + 4, 0.0));
      data.id_bytes.add(std::vector<data::Base>{'s', static_cast<data::Base>('0' + row)});
    }
    const auto rows = some_rows(data);
    const Interpretation found = interpret(predictor, data, rows, {});
    struct Sample {
      std::uint32_t row;
      bool reverse;
      float output;
      float activation;  // the largest of its sites
    };
    std::vector<std::vector<Sample>> expected(kUnits);
    const std::vector<float>& weight = predictor.model().weights.at("final.weight");
    each_instance(
        predictor, data, rows, site_thresholds(found.max_activation), [&](const Instance& site) {
          const auto unit = static_cast<std::size_t>(site.unit);
          const bool reverse = site.strand == data::Strand::reverse;
          auto& samples = expected[unit];
          if (samples.empty() || samples.back().row != site.row ||
              samples.back().reverse != reverse) {
            samples.push_back(
                {site.row, reverse,
                 static_cast<float>(site.contributions[0] / static_cast<double>(weight[unit])),
                 site.activation});
          }
          float& largest = samples.back().activation;
          largest = std::max(largest, site.activation);
        });
    const auto examples = example_sites(predictor, data, rows, found.strongest);
    ASSERT_EQ(examples.size(), expected.size());
    for (std::size_t u = 0; u < expected.size(); ++u) {
      auto& samples = expected[u];
      std::stable_sort(samples.begin(), samples.end(),
                       [](const Sample& a, const Sample& b) { return a.output > b.output; });
      std::vector<Sample> best;
      for (const Sample& sample : samples) {
        const bool again = std::any_of(
            best.begin(), best.end(), [&](const Sample& other) { return other.row == sample.row; });
        if (!again && best.size() < kStrongSamples) best.push_back(sample);
      }
      std::stable_sort(best.begin(), best.end(), [](const Sample& x, const Sample& y) {
        return std::pair(x.output, x.activation) > std::pair(y.output, y.activation);
      });
      best.resize(std::min(best.size(), kExamples));
      ASSERT_EQ(examples[u].size(), best.size());
      for (std::size_t i = 0; i < best.size(); ++i) {
        EXPECT_EQ(examples[u][i].output, best[i].output);
        EXPECT_EQ(examples[u][i].row, best[i].row);
        EXPECT_EQ(examples[u][i].strand == data::Strand::reverse, best[i].reverse);
        EXPECT_EQ(examples[u][i].activation, best[i].activation);
      }
    }
  }
}

}  // namespace
}  // namespace explainn::model
