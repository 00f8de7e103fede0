// Interpretation of small models against its definition, spelled out window by window in double.
#include "model/interpret/interpretation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "tests/support/compare.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {
namespace {

using Row = std::vector<double>;

constexpr std::int64_t kUnits = 3;
constexpr std::int64_t kWidth = 5;
constexpr std::int64_t kLength = 20;
constexpr std::int64_t kTasks = 2;
constexpr std::int64_t kPositions = kLength - kWidth + 1;
constexpr std::int64_t kPool = 3;
constexpr std::int64_t kStride = 2;

Architecture sizes(std::int64_t num_fc) {
  return {.num_units = kUnits,
          .filter_size = kWidth,
          .num_fc = num_fc,
          .pool_size = kPool,
          .pool_stride = kStride,
          .input_length = kLength,
          .num_tasks = kTasks};
}

// Sequences of 12 to 28 bases, with unknown ones.
data::Dataset sequences(std::int64_t count) {
  data::Dataset data;
  for (std::int64_t row = 0; row < count; ++row) {
    const auto seed = static_cast<std::uint64_t>(row);
    data.sequences.add(test::random_bases(1000 + 2 * seed, 12 + row % 17, 0.05));
    const std::string id = "seq" + std::to_string(row);
    data.id_bytes.add(std::vector<data::Base>(id.begin(), id.end()));
  }
  return data;
}

std::vector<std::uint32_t> every_other_row(const data::Dataset& data) {
  std::vector<std::uint32_t> rows;
  for (std::int64_t row = 1; row < data.size(); row += 2) {
    rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

// The definition: one (sequence, strand) pair of one unit.
struct UnitSample {
  std::vector<data::Base> bases;
  Row activations;
  double output;
};

class Reference {
 public:
  explicit Reference(const Model& model) : w_(model.weights), num_fc_(model.config.sizes.num_fc) {}

  UnitSample see(std::size_t u, std::span<const data::Base> sequence, data::Strand strand) const {
    UnitSample sample{std::vector<data::Base>(kLength), Row(kPositions), 0};
    data::fit_sequence(sequence, strand, sample.bases);
    for (std::size_t i = 0; i < kPositions; ++i) {
      double sum = at("linears.0.bias", u);
      for (std::size_t k = 0; k < kWidth; ++k) {
        const data::Base base = sample.bases[i + k];
        if (base < 4) sum += at("linears.0.weight", (u * 4 + base) * kWidth + k);
      }
      sample.activations[i] = std::exp(norm("linears.1", u, sum));
    }
    const Row& a = sample.activations;
    if (num_fc_ == 0) {
      sample.output = *std::max_element(a.begin(), a.end());
      return sample;
    }
    const std::size_t pooled = (kPositions - kPool) / kStride + 1;
    double sum = at("linears.6.bias", u);
    for (std::size_t q = 0; q < pooled; ++q) {
      const auto first = a.begin() + static_cast<std::ptrdiff_t>(q * kStride);
      sum += at("linears.6.weight", u * pooled + q) * *std::max_element(first, first + kPool);
    }
    sample.output = std::max(0.0, norm("linears.7", u, sum));
    return sample;
  }
  double final_weight(std::size_t task, std::size_t u) const {
    return at("final.weight", task * kUnits + u);
  }

 private:
  double at(const std::string& name, std::size_t i) const { return w_.at(name)[i]; }
  double norm(const std::string& name, std::size_t u, double x) const {
    return (x - at(name + ".running_mean", u)) / std::sqrt(at(name + ".running_var", u) + 1e-5) *
               at(name + ".weight", u) +
           at(name + ".bias", u);
  }

  const Weights& w_;
  std::int64_t num_fc_;
};

using ImportanceKey = std::tuple<std::string, bool, std::int64_t>;  // id, reverse, filter

struct Expected {
  Row maximum = Row(kUnits, 0);
  std::vector<std::int64_t> sites = std::vector<std::int64_t>(kUnits, 0);
  Row letters = Row(kUnits * kWidth * 4, 0);
  Row medians;
  std::map<ImportanceKey, Row> importances;
};

double median(Row values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Expected by_definition(const Model& model, const data::Dataset& data,
                       const std::vector<std::uint32_t>& rows) {
  const Reference reference(model);
  Expected expected;
  const std::size_t strands = model.config.rev_complement ? 2 : 1;
  for (std::size_t u = 0; u < kUnits; ++u) {
    std::vector<UnitSample> samples;
    for (const std::uint32_t row : rows) {
      for (std::size_t s = 0; s < strands; ++s) {
        samples.push_back(reference.see(u, data.sequences[row], static_cast<data::Strand>(s)));
        for (const double a : samples.back().activations) {
          expected.maximum[u] = std::max(expected.maximum[u], a);
        }
      }
    }
    Row outputs;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::int64_t before = expected.sites[u];
      for (std::size_t at = 0; at < kPositions; ++at) {
        const double share = samples[i].activations[at] / expected.maximum[u];
        EXPECT_GT(std::abs(share - 0.5), 2e-6) << "rounding would decide";
        if (share <= 0.5) continue;
        ++expected.sites[u];
        for (std::size_t k = 0; k < kWidth; ++k) {
          const data::Base base = samples[i].bases[at + k];
          if (base < 4) expected.letters[(u * kWidth + k) * 4 + base] += 1;
        }
      }
      if (expected.sites[u] == before) continue;
      outputs.push_back(samples[i].output);
      const std::string id(data.id(rows[i / strands]));
      Row& importance = expected.importances[{id, i % strands == 1, static_cast<std::int64_t>(u)}];
      for (std::size_t t = 0; t < kTasks; ++t) {
        importance.push_back(samples[i].output * reference.final_weight(t, u));
      }
    }
    for (std::size_t t = 0; t < kTasks; ++t) {
      expected.medians.push_back(median(outputs) * reference.final_weight(t, u));
    }
  }
  return expected;
}

void expect_found(const Interpretation& found, const Expected& expected) {
  test::expect_close(found.max_activation, expected.maximum, 1e-5, "maxima");
  EXPECT_EQ(found.sites, expected.sites);
  test::expect_close(found.median_importance, expected.medians, 1e-5, "medians");
  ASSERT_EQ(found.motifs.motifs.size(), static_cast<std::size_t>(kUnits));
  for (std::size_t u = 0; u < kUnits; ++u) {
    const data::Motif& motif = found.motifs.motifs[u];
    EXPECT_EQ(motif.id, "filter" + std::to_string(u));
    EXPECT_EQ(motif.sites, static_cast<double>(expected.sites[u]));
    ASSERT_EQ(motif.columns.size(), static_cast<std::size_t>(kWidth));
    for (std::size_t k = 0; k < kWidth; ++k) {
      const double* const letters = &expected.letters[(u * kWidth + k) * 4];
      const double all = letters[0] + letters[1] + letters[2] + letters[3];
      for (std::size_t base = 0; base < 4; ++base) {
        EXPECT_EQ(motif.columns[k][base], letters[base] / all);
      }
    }
  }
}

TEST(Interpretation, EveryNumberIsThatOfTheDefinition) {
  for (const std::int64_t num_fc : {0, 1}) {
    for (const bool both_strands : {false, true}) {
      for (const std::int64_t count : {14, 2600}) {  // one batch, and several
        const Model model =
            test::tiny_model(sizes(num_fc), Criterion::bce_with_logits, both_strands, 11);
        const data::Dataset data = sequences(count);
        const auto rows = every_other_row(data);
        Predictor predictor(model);
        SCOPED_TRACE(testing::Message()
                     << "num_fc " << num_fc << ", both " << both_strands << ", " << count);
        expect_found(interpret(predictor, data, rows, {}), by_definition(model, data, rows));
      }
    }
  }
}

TEST(Interpretation, ImportancesComeSequenceBySequenceForUnitsWithSites) {
  for (const bool both_strands : {false, true}) {
    const Model model = test::tiny_model(sizes(1), Criterion::bce_with_logits, both_strands, 12);
    const data::Dataset data = sequences(2300);
    const auto rows = every_other_row(data);
    Predictor predictor(model);
    const Expected expected = by_definition(model, data, rows);
    const auto thresholds = site_thresholds(interpret(predictor, data, rows, {}).max_activation);

    std::map<std::string, std::int64_t> row_of;
    for (const std::uint32_t row : rows) row_of[std::string(data.id(row))] = row;
    std::vector<std::tuple<std::int64_t, bool, std::int64_t>> order;  // row, reverse, filter
    Row numbers;
    Row expected_numbers;
    each_importance(predictor, data, rows, thresholds,
                    [&](std::int64_t filter, std::string_view id, data::Strand strand,
                        std::span<const double> importances) {
                      const bool reverse = strand == data::Strand::reverse;
                      const Row& here = expected.importances.at({std::string(id), reverse, filter});
                      ASSERT_EQ(importances.size(), here.size());
                      numbers.insert(numbers.end(), importances.begin(), importances.end());
                      expected_numbers.insert(expected_numbers.end(), here.begin(), here.end());
                      order.emplace_back(row_of.at(std::string(id)), reverse, filter);
                    });
    EXPECT_EQ(order.size(), expected.importances.size());
    EXPECT_LT(order.size(), rows.size() * kUnits * (both_strands ? 2 : 1));  // some have no site
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    test::expect_close(numbers, expected_numbers, 1e-5, "importances");
  }
}

TEST(Interpretation, SameBitsForAnyNumberOfThreads) {
  const Model model = test::tiny_model(sizes(1), Criterion::bce_with_logits, true, 13);
  const data::Dataset data = sequences(2300);
  const auto rows = every_other_row(data);
  test::expect_same_bits_for_all_thread_counts([&] {
    Predictor predictor(model);
    const Interpretation found = interpret(predictor, data, rows, {});
    Row all(found.max_activation.begin(), found.max_activation.end());
    all.insert(all.end(), found.sites.begin(), found.sites.end());
    all.insert(all.end(), found.median_importance.begin(), found.median_importance.end());
    for (const data::Motif& motif : found.motifs.motifs) {
      for (const auto& column : motif.columns) all.insert(all.end(), column.begin(), column.end());
    }
    each_importance(
        predictor, data, rows, site_thresholds(found.max_activation),
        [&](std::int64_t, std::string_view, data::Strand, std::span<const double> importances) {
          all.insert(all.end(), importances.begin(), importances.end());
        });
    return all;
  });
}

TEST(Interpretation, AFilterWithoutFiniteMaximumHasNoSites) {
  Model model = test::tiny_model(sizes(1), Criterion::bce_with_logits, true, 14);
  for (std::size_t i = 0; i < model.weights.specs.size(); ++i) {
    if (model.weights.specs[i].name == "linears.1.bias") model.weights.values[i][1] = 1000;
  }
  const data::Dataset data = sequences(30);
  const auto rows = every_other_row(data);
  Predictor predictor(model);
  const Interpretation found = interpret(predictor, data, rows, {});
  EXPECT_TRUE(std::isinf(found.max_activation[1]));
  EXPECT_EQ(found.sites[1], 0);
  EXPECT_GT(found.sites[0], 0);
  ASSERT_EQ(found.motifs.motifs.size(), 2U);
  EXPECT_EQ(found.motifs.motifs[1].id, "filter2");
  for (std::size_t t = 0; t < kTasks; ++t) {
    EXPECT_TRUE(std::isnan(found.median_importance[1 * kTasks + t]));
    EXPECT_TRUE(std::isfinite(found.median_importance[2 * kTasks + t]));
  }
}

TEST(Interpretation, ProgressGrowsToOne) {
  const Model model = test::tiny_model(sizes(1), Criterion::bce_with_logits, true);
  const data::Dataset data = sequences(2300);
  Predictor predictor(model);
  Row fractions{0};
  interpret(predictor, data, every_other_row(data),
            [&](double fraction) { fractions.push_back(fraction); });
  EXPECT_GT(fractions.size(), 6U);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_EQ(fractions.back(), 1);
}

TEST(Interpretation, NoSequencesIsABrokenContract) {
  Predictor predictor(test::tiny_model(sizes(1), Criterion::bce_with_logits, true));
  EXPECT_THROW(interpret(predictor, sequences(3), {}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
