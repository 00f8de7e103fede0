// Inference and interpretation on a GPU against the definition in double and against the CPU.
#include <gtest/gtest.h>

#include "tests/device/inference_problem.h"
#include "tests/support/compare.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::in_every_order;
using test::InferenceCase;
using test::InferenceProblem;
using test::same_bits;

UnitSizes sizes(std::int64_t units, std::int64_t filter, std::int64_t length, std::int64_t pool,
                std::int64_t stride) {
  return {.units = units, .filter = filter, .length = length, .pool = pool, .stride = stride};
}

const InferenceCase kCases[] = {
    {"two_layers", sizes(3, 5, 40, 4, 4), 7, {100, 1}},
    {"no_unknown", sizes(2, 5, 40, 4, 4), 9, {100, 1}, 0},
    {"paper", sizes(2, 19, 200, 7, 7), 5, {100, 1}},
    {"paper_no_unknown", sizes(2, 19, 67, 7, 7), 6, {100, 1}, 0},
    {"paper_filter_other_pool", sizes(2, 19, 61, 9, 3), 5, {100, 1}},
    {"overlapping_pools", sizes(2, 6, 37, 5, 2), 6, {33, 1}},
    {"gaps_between_pools", sizes(2, 4, 41, 3, 5), 6, {100, 1}},
    {"one_of_everything", sizes(1, 1, 1, 1, 1), 3, {1}},
    {"filter_as_long_as_sequence", sizes(2, 9, 9, 1, 1), 4, {100, 1}},
    {"more_rows_than_a_tile", sizes(2, 3, 21, 4, 4), 116, {100, 1}},
    {"more_windows_than_a_piece", sizes(1, 3, 80, 2, 2), 6, {100, 1}},
    {"no_layer", sizes(3, 5, 33, 29, 1), 7, {}},
    {"no_layer_long_pool", sizes(2, 19, 300, 282, 1), 4, {}},
    {"several_long_pools", sizes(2, 4, 203, 60, 33), 4, {100, 1}},
    {"one_layer", sizes(3, 5, 80, 2, 2), 8, {1}},
    {"three_layers", sizes(2, 5, 33, 4, 4), 9, {100, 100, 1}},
    {"three_small_layers", sizes(2, 3, 31, 3, 5), 4, {16, 7, 1}},
    {"four_layers", sizes(1, 4, 21, 4, 4), 3, {100, 100, 100, 1}},
    {"five_layers", sizes(2, 4, 21, 4, 4), 2, {20, 12, 9, 100, 1}},
    {"six_layers", sizes(1, 4, 21, 4, 4), 3, {100, 100, 100, 100, 100, 1}},
    {"seven_layers", sizes(2, 4, 21, 4, 4), 2, {12, 9, 20, 8, 17, 30, 1}},
    {"eight_layers", sizes(1, 4, 25, 4, 4), 8, {100, 100, 100, 100, 100, 100, 100, 1}},
    {"two_copies_of_lanes", sizes(1, 90, 121, 7, 7), 3, {100, 1}},
    {"letters_only", sizes(1, 2400, 2409, 3, 3), 3, {100, 1}},
};

class DeviceInferenceOf : public testing::TestWithParam<InferenceCase> {
 protected:
  void SetUp() override { test::skip_without_gpu(); }
};

TEST_P(DeviceInferenceOf, OutputsAreTheDefinition) {
  const InferenceProblem problem(GetParam());
  const DeviceInference inference = problem.make();
  const std::int64_t units = problem.sizes().units;
  const std::int64_t rows = problem.size() - 1;  // from the second sample on
  const std::vector<std::uint8_t> bases = problem.bases();
  std::vector<float> of_cpu(static_cast<std::size_t>(rows * units));
  const UnitInference cpu(problem.sizes(), problem.filters.data(), problem.shifts.data(),
                          problem.layers);
  cpu.outputs(bases.data() + problem.length(), rows, of_cpu.data());
  std::vector<float> first;
  in_every_order([&] {
    Guarded<float> outputs(rows * units);
    Guarded<float> logits(rows * problem.tasks());
    inference.infer(problem.samples(), 1, rows + 1,
                    {.logits = logits.data(), .unit_outputs = outputs.data()});
    for (std::int64_t i = 0; i < rows * units; ++i) {
      const std::uint8_t* const sequence = bases.data() + (i / units + 1) * problem.length();
      const auto [expected, size] = problem.output(sequence, i % units);
      ASSERT_NEAR(outputs[i], expected, 2e-6 * size) << "row " << i / units;
    }
    test::expect_close(outputs.values(), of_cpu, 1e-5, "the CPU's unit outputs");
    for (std::int64_t i = 0; i < rows * problem.tasks(); ++i) {
      const std::int64_t task = i % problem.tasks();
      double sum = static_cast<double>(problem.final_bias[static_cast<std::size_t>(task)]);
      double size = std::abs(sum);
      for (std::int64_t u = 0; u < units; ++u) {
        const double term =
            static_cast<double>(outputs[i / problem.tasks() * units + u]) *
            static_cast<double>(problem.final_weight[static_cast<std::size_t>(task * units + u)]);
        sum += term;
        size += std::abs(term);
      }
      ASSERT_NEAR(logits[i], sum, 1e-6 * size) << "row " << i / problem.tasks();
    }
    if (first.empty()) first = outputs.copy();
    EXPECT_TRUE(same_bits<float>(outputs.values(), first)) << "other bits in another order";
  });
  // The same rows as bytes, and a few of them at a time.
  const DeviceInference by_few = problem.make(3 * units + 1);
  Guarded<float> outputs(rows * units);
  by_few.infer(bases.data() + problem.length(), rows, {.unit_outputs = outputs.data()});
  EXPECT_TRUE(same_bits<float>(outputs.values(), first)) << "a row depends on those beside it";
}

TEST_P(DeviceInferenceOf, CountsTheSitesOfTheActivations) {
  const InferenceProblem problem(GetParam());
  const DeviceInference inference = problem.make();
  const DeviceInference by_few = problem.make(3 * problem.sizes().units + 1);
  const std::int64_t units = problem.sizes().units;
  const std::int64_t n = problem.sizes().positions();
  const std::int64_t filter = problem.sizes().filter;
  const std::int64_t rows = problem.size() - 1;
  const std::vector<std::uint8_t> bases = problem.bases();
  Guarded<float> activations(rows * units * n);
  by_few.infer(problem.samples(), 1, rows + 1, {.activations = activations.data()});
  std::vector<float> expected_maxima(static_cast<std::size_t>(units), 0.0F);
  for (std::int64_t i = 0; i < rows * units * n; ++i) {
    const std::uint8_t* const sequence = bases.data() + (i / (units * n) + 1) * problem.length();
    const double expected = std::exp(problem.score(sequence, i / n % units, i % n));
    ASSERT_NEAR(activations[i], expected, 4e-6 * expected) << i;
    float& largest = expected_maxima[static_cast<std::size_t>(i / n % units)];
    largest = std::max(largest, activations[i]);
  }
  std::vector<float> thresholds = expected_maxima;
  for (float& threshold : thresholds) threshold *= 0.5F;

  std::vector<std::int64_t> letters(static_cast<std::size_t>(units * filter * 5), 3);
  std::vector<std::int64_t> sites(static_cast<std::size_t>(units), 5);
  std::vector<std::uint8_t> fired(static_cast<std::size_t>(rows * units), 0);
  for (std::int64_t i = 0; i < rows * units * n; ++i) {
    const std::int64_t unit = i / n % units;
    if (!(activations[i] > thresholds[static_cast<std::size_t>(unit)])) continue;
    ++sites[static_cast<std::size_t>(unit)];
    fired[static_cast<std::size_t>(i / n)] = 1;
    const std::uint8_t* const window =
        bases.data() + (i / (units * n) + 1) * problem.length() + i % n;
    for (std::int64_t k = 0; k < filter; ++k) {
      ++letters[static_cast<std::size_t>((unit * filter + k) * 5 + window[k])];
    }
  }
  const auto expect_counts = [&](const DeviceInference& counting) {
    Guarded<float> maxima(std::vector<float>(static_cast<std::size_t>(units), 0.0F));
    counting.raise_maxima(problem.samples(), 1, rows + 1, maxima.data());
    EXPECT_TRUE(same_bits<float>(maxima.values(), expected_maxima)) << "maxima";
    Guarded<std::int64_t> found_letters(std::vector<std::int64_t>(letters.size(), 3));
    Guarded<std::int64_t> found_sites(std::vector<std::int64_t>(sites.size(), 5));
    Guarded<std::uint8_t> found_fired(rows * units);
    counting.count_sites(problem.samples(), 1, rows + 1, thresholds.data(),
                         {found_letters.data(), found_sites.data(), found_fired.data()});
    EXPECT_EQ(found_sites.copy(), sites);
    EXPECT_EQ(found_letters.copy(), letters);
    EXPECT_EQ(found_fired.copy(), fired);
  };
  in_every_order([&] { expect_counts(inference); });
  expect_counts(by_few);
}

INSTANTIATE_TEST_SUITE_P(Cases, DeviceInferenceOf, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

using DeviceInferenceTest = test::DeviceTest;

InferenceCase small() {
  return {"small", sizes(3, 5, 40, 4, 4), 7, {100, 1}};
}

// With more units than blocks a block goes through several tiles.
TEST_F(DeviceInferenceTest, ManyUnits) {
  const InferenceProblem problem({"many", sizes(1030, 3, 9, 3, 2), 59, {9, 1}});
  const std::int64_t units = problem.sizes().units;
  const std::vector<std::uint8_t> bases = problem.bases();
  Guarded<float> outputs(problem.size() * units);
  problem.make().infer(problem.samples(), 0, problem.size(), {.unit_outputs = outputs.data()});
  for (std::int64_t i = 0; i < problem.size() * units; ++i) {
    const auto [expected, size] =
        problem.output(bases.data() + i / units * problem.length(), i % units);
    ASSERT_NEAR(outputs[i], expected, 2e-6 * size) << i;
  }
}

TEST_F(DeviceInferenceTest, LossIsThatOfTheLogits) {
  for (const LossKind kind : {LossKind::mse, LossKind::cross_entropy}) {
    InferenceCase c = small();
    c.tasks = kind == LossKind::mse ? 1 : 4;
    const InferenceProblem problem(c);
    const DeviceInference inference = problem.make();
    const std::int64_t rows = problem.size() - 3;
    std::vector<float> logits(static_cast<std::size_t>(rows * c.tasks));
    inference.infer(problem.samples(), 2, rows + 2, {.logits = logits.data()});
    const std::vector<double> wide(logits.begin(), logits.end());
    const auto of_sequences = test::random_values<double>(c.sequences, 4, 0, 1);
    std::vector<double> labels;
    for (std::int64_t i = 2; i < rows + 2; ++i) {
      labels.push_back(of_sequences[static_cast<std::size_t>(i % c.sequences)]);
    }
    const LossSum expected =
        loss_and_gradient<double>({kind, rows, c.tasks}, wide.data(), labels.data(), nullptr);
    in_every_order([&] {
      for (const std::int64_t at_once : {DeviceInference::kResultsAtOnce, std::int64_t{20}}) {
        const LossSum actual = problem.make(at_once).loss(problem.samples(), kind, 2, rows + 2);
        EXPECT_EQ(actual.count, expected.count);
        EXPECT_NEAR(actual.sum, expected.sum, 1e-6 * expected.sum);
      }
    });
  }
}

TEST_F(DeviceInferenceTest, NoSitesBeyondInfinityAndOfNaN) {
  InferenceProblem problem(small());
  problem.shifts[0] = 1000;
  problem.shifts[1] = std::numeric_limits<float>::quiet_NaN();
  const DeviceInference inference = problem.make();
  std::vector<float> maxima(3, 0.25F);
  inference.raise_maxima(problem.samples(), 0, problem.size(), maxima.data());
  EXPECT_EQ(maxima[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(maxima[1], 0.25F);
  for (float& threshold : maxima) threshold *= 0.5F;
  std::vector<std::int64_t> letters(3 * 5 * 5), sites(3);
  inference.count_sites(problem.samples(), 0, problem.size(), maxima.data(),
                        {letters.data(), sites.data()});
  EXPECT_EQ(sites[0], 0);
  EXPECT_EQ(sites[1], 0);
  EXPECT_GT(sites[2], 0);
}

TEST_F(DeviceInferenceTest, NothingToDo) {
  const InferenceProblem problem(small());
  const DeviceInference inference = problem.make();
  Guarded<float> nothing(0);
  const DeviceOutputs outputs{nothing.data(), nothing.data(), nothing.data()};
  inference.infer(problem.samples(), 3, 3, outputs);
  inference.infer(problem.bases().data(), 0, outputs);
  EXPECT_EQ(inference.loss(problem.samples(), LossKind::cross_entropy, 3, 3).count, 0);
}

TEST_F(DeviceInferenceTest, RefusesWhatDoesNotFit) {
  InferenceProblem problem(small());
  const DeviceInference inference = problem.make();
  float logits[3];
  EXPECT_THROW(inference.infer(problem.samples(), 0, problem.size() + 1, {.logits = logits}),
               std::invalid_argument);
  PackedSamples other = problem.samples();
  other.length -= 1;
  EXPECT_THROW(inference.infer(other, 0, 1, {.logits = logits}), std::invalid_argument);
  EXPECT_THROW(inference.loss(problem.samples(), LossKind::mse, 0, 1), std::invalid_argument);
  problem.layers[1].inputs = 99;
  EXPECT_THROW(problem.make(), std::invalid_argument);
  problem.layers.clear();
  EXPECT_THROW(problem.make(), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::kernels
