// Interpretation of the original authors' model, against PyTorch and numpy (interpretation.json and
// checkpoint/max_activations.tsv).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "data/torch_checkpoint.h"
#include "model/interpret/interpretation.h"
#include "tests/support/compare.h"

namespace explainn::model {
namespace {

const std::string kFolder = EXPLAINN_TEST_FILES "/golden/";

Interpretation interpret_authors_model(bool both_strands) {
  const std::string path = kFolder + "checkpoint/explainn_3tf.pth";
  Predictor predictor(convert_checkpoint(data::read_torch_checkpoint(path),
                                         {.input_length = 200,
                                          .rev_complement = both_strands,
                                          .criterion = Criterion::bce_with_logits,
                                          .targets = {"MAX", "FOXA1", "JUND"}},
                                         path));
  data::ReadOptions options;
  options.need_labels = false;
  const data::Dataset dataset = data::read_dataset(kFolder + "checkpoint/sequences.fa", options);
  EXPECT_EQ(dataset.size(), 256);
  std::vector<std::uint32_t> rows(256);
  std::iota(rows.begin(), rows.end(), 0U);
  return interpret(predictor, dataset, rows, {});
}

TEST(InterpretationGolden, MaximaOfTheForwardStrandAreThoseOfTheOriginal) {
  std::ifstream in(kFolder + "checkpoint/max_activations.tsv");
  std::string line;
  std::getline(in, line);
  std::vector<double> ratio;
  const Interpretation found = interpret_authors_model(false);
  for (std::string unit; std::getline(in, line);) {
    std::istringstream fields(line);
    double expected = 0;
    fields >> unit >> expected;
    ASSERT_EQ(unit, "unit" + std::to_string(ratio.size()));
    ratio.push_back(found.max_activation.at(ratio.size()) / expected);
  }
  ASSERT_EQ(ratio.size(), 100U);
  test::expect_close(ratio, std::vector<double>(100, 1.0), 1e-5, "found / expected");
}

TEST(InterpretationGolden, SitesLettersAndImportancesOnBothStrandsAreThoseOfNumpy) {
  const auto golden = nlohmann::json::parse(std::ifstream(kFolder + "interpretation.json"));
  const Interpretation found = interpret_authors_model(true);
  ASSERT_EQ(golden.size(), 100U);
  ASSERT_EQ(found.motifs.motifs.size(), 100U);
  std::vector<double> ratio;
  std::vector<double> medians;
  std::vector<double> expected_medians;
  for (std::size_t u = 0; u < 100; ++u) {
    const auto& expected = golden[u];
    ratio.push_back(found.max_activation[u] / expected.at("max_activation").get<double>());
    EXPECT_EQ(found.sites[u], expected.at("sites").get<std::int64_t>()) << "filter " << u;
    const data::Motif& motif = found.motifs.motifs[u];
    EXPECT_EQ(motif.id, "filter" + std::to_string(u));
    EXPECT_EQ(motif.sites, expected.at("sites").get<double>());
    ASSERT_EQ(motif.columns.size(), 19U);
    for (std::size_t k = 0; k < 19; ++k) {
      const auto letters = expected.at("letters").at(k).get<std::vector<double>>();
      const double all = std::accumulate(letters.begin(), letters.end(), 0.0);
      for (std::size_t base = 0; base < 4; ++base) {
        EXPECT_EQ(motif.columns[k][base], letters[base] / all) << u << " " << k << " " << base;
      }
    }
    for (std::size_t t = 0; t < 3; ++t) {
      medians.push_back(found.median_importance[3 * u + t]);
      expected_medians.push_back(expected.at("median_importance").at(t));
    }
  }
  test::expect_close(ratio, std::vector<double>(100, 1.0), 1e-5, "maximum: found / expected");
  test::expect_close(medians, expected_medians, 1e-5, "median importance");
}

}  // namespace
}  // namespace explainn::model
