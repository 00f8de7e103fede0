// Prediction on both strands, and the authors' trained model against what PyTorch computes with it.
#include "model/predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "data/torch_checkpoint.h"
#include "tests/support/tiny_data.h"

namespace explainn::model {
namespace {

const std::string kCheckpoint = EXPLAINN_TEST_FILES "/golden/checkpoint/";

Model authors_model() {
  const std::string path = kCheckpoint + "explainn_3tf.pth";
  return convert_checkpoint(data::read_torch_checkpoint(path),
                            {.input_length = 200,
                             .criterion = Criterion::bce_with_logits,
                             .targets = {"MAX", "FOXA1", "JUND"}},
                            path);
}

struct Fasta {
  std::vector<std::vector<data::Base>> sequences;
  std::vector<std::span<const data::Base>> views() const {
    return {sequences.begin(), sequences.end()};
  }
};

Fasta authors_sequences() {
  Fasta fasta;
  std::ifstream in(kCheckpoint + "sequences.fa");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('>')) {
      fasta.sequences.emplace_back();
      continue;
    }
    for (const char letter : line) fasta.sequences.back().push_back(data::base_code(letter));
  }
  return fasta;
}

// The numbers of a table with a header and an id column.
std::vector<float> table_numbers(const std::string& name) {
  std::vector<float> numbers;
  std::ifstream in(kCheckpoint + name);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string id;
    fields >> id;
    for (float value = 0; fields >> value;) numbers.push_back(value);
  }
  return numbers;
}

void expect_near(const std::vector<float>& actual, const std::vector<float>& expected,
                 double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  ASSERT_FALSE(expected.empty());
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double scale = std::max(1.0, std::abs(static_cast<double>(expected[i])));
    worst = std::max(worst, std::abs(static_cast<double>(actual[i]) - expected[i]) / scale);
  }
  EXPECT_LE(worst, tolerance);
  testing::Test::RecordProperty("worst", std::to_string(worst));
}

TEST(AuthorsModel, LogitsAndUnitOutputsAreThoseOfPyTorch) {
  Predictor predictor(authors_model());
  const Fasta fasta = authors_sequences();
  ASSERT_EQ(fasta.sequences.size(), 256U);
  const Predictions predictions = predictor.predict(fasta.views(), Strands::one);
  expect_near(predictions.logits, table_numbers("logits.tsv"), 1e-5);
  expect_near(predictions.unit_outputs, table_numbers("unit_outputs.tsv"), 1e-5);
}

TEST(AuthorsModel, LargestActivationsAreThoseOfPyTorch) {
  const Model model = authors_model();
  const auto network = make_network(model.config.sizes, model.weights);
  const Fasta fasta = authors_sequences();
  const std::int64_t n = model.config.sizes.positions();
  const std::int64_t units = model.config.sizes.num_units;
  std::vector<float> largest(static_cast<std::size_t>(units), 0.0F);
  std::vector<float> activations(static_cast<std::size_t>(units * n));
  for (const auto& sequence : fasta.sequences) {
    network->infer({sequence.data(), 1}, {.activations = activations.data()});
    for (std::int64_t i = 0; i < units * n; ++i) {
      float& most = largest[static_cast<std::size_t>(i / n)];
      most = std::max(most, activations[static_cast<std::size_t>(i)]);
    }
  }
  expect_near(largest, table_numbers("max_activations.tsv"), 1e-5);
}

TEST(Predictor, TwoStrandsAreTheMeanOfEachAndContributionsSumToTheLogit) {
  Predictor predictor(authors_model());
  const Model& model = predictor.model();
  std::vector<std::vector<data::Base>> sequences;
  for (std::uint64_t i = 0; i < 5; ++i) {  // of several lengths, with unknown bases
    sequences.push_back(
        test::random_bases(100 + 2 * i, 180 + 13 * static_cast<std::int64_t>(i), 0.05));
  }
  std::vector<std::span<const data::Base>> views(sequences.begin(), sequences.end());
  std::vector<std::vector<data::Base>> turned;
  for (const auto& sequence :
       sequences) {  // what the forward strand of the other strand looks like
    std::vector<data::Base> fitted(200);
    data::fit_sequence(sequence, data::Strand::reverse, fitted);
    turned.push_back(fitted);
  }
  const Predictions both = predictor.predict(views, Strands::both);
  const Predictions forward = predictor.predict(views, Strands::one);
  const Predictions reverse = predictor.predict(
      std::vector<std::span<const data::Base>>(turned.begin(), turned.end()), Strands::one);
  for (std::size_t i = 0; i < both.logits.size(); ++i) {
    EXPECT_FLOAT_EQ(both.logits[i], 0.5F * (forward.logits[i] + reverse.logits[i]));
  }
  for (std::size_t i = 0; i < both.unit_outputs.size(); ++i) {
    EXPECT_FLOAT_EQ(both.unit_outputs[i],
                    0.5F * (forward.unit_outputs[i] + reverse.unit_outputs[i]));
  }
  const auto units = static_cast<std::size_t>(model.config.sizes.num_units);
  for (std::size_t row = 0; row < 5; ++row) {
    const auto parts =
        contributions(model, std::span(both.unit_outputs).subspan(row * units, units));
    for (std::size_t t = 0; t < 3; ++t) {
      double sum = 0;
      double largest = 0;
      for (std::size_t u = 0; u <= units; ++u) {
        sum += parts[u * 3 + t];
        largest = std::max(largest, std::abs(parts[u * 3 + t]));
      }
      EXPECT_NEAR(sum, both.logits[row * 3 + t], 1e-5 * largest);
    }
  }
}

TEST(Predictor, LinksAreTheTextbookOnes) {
  std::vector<float> x{-1000, -2, 0, 3, 1000};
  apply_link(Criterion::bce_with_logits, 5, x);
  EXPECT_EQ(x[0], 0);
  EXPECT_FLOAT_EQ(x[1], 0.11920292F);
  EXPECT_EQ(x[2], 0.5F);
  EXPECT_EQ(x[4], 1);
  std::vector<float> counts{0, 1};
  apply_link(Criterion::poisson_nll, 2, counts);
  EXPECT_FLOAT_EQ(counts[1], 2.7182818F);
  std::vector<float> classes{1, 1, 500, 500 + std::log(3.0F)};
  apply_link(Criterion::cross_entropy, 2, classes);
  EXPECT_FLOAT_EQ(classes[0], 0.5F);
  EXPECT_NEAR(classes[3], 0.75F, 1e-5);
  std::vector<float> values{7, -7};
  apply_link(Criterion::mse, 2, values);
  EXPECT_EQ(values, (std::vector<float>{7, -7}));
}

}  // namespace
}  // namespace explainn::model
