// Training by the fused unit pass against the composed network, both in double precision, where no
// golden file could reach: every number of layers, odd sizes, every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "model/composed_network.h"
#include "model/fused_training.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_data.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {
namespace {

using engine::HiddenPath;
using test::random_between;

struct Case {
  const char* name;
  Architecture sizes;
  std::int64_t rows;
};

// Sequences with unknown bases, missing labels, and batch norms of both signs and of scale 0.
struct Problem {
  explicit Problem(const Case& c)
      : sizes(c.sizes),
        rows(c.rows),
        weights(test::tiny_model(c.sizes, Criterion::bce_with_logits, false).weights),
        bases(test::random_bases(5, c.rows * c.sizes.input_length, 0.03)) {
    for (std::size_t i = 0; i < weights.specs.size(); ++i) {
      if (weights.specs[i].role != TensorRole::gamma) continue;
      std::vector<float>& gamma = weights.values[i];
      for (std::size_t j = 0; j < gamma.size(); ++j) {
        if (j % 3 == 1) gamma[j] = -gamma[j];
        if (j % 7 == 2) gamma[j] = 0;
      }
    }
    for (std::int64_t i = 0; i < rows * sizes.num_tasks; ++i) {
      labels.push_back(i % 5 == 3 ? std::numeric_limits<float>::quiet_NaN()
                                  : random_between(9, static_cast<std::uint64_t>(i), 0, 1));
    }
  }

  TrainingBatch batch(std::uint32_t step) const {
    return {.sequences = {bases.data(), rows}, .labels = labels.data(), .step = step};
  }
  static TrainingSettings settings() {
    return {.criterion = Criterion::bce_with_logits,
            .optimizer = {.kind = engine::OptimizerKind::sgd, .lr = 0.05, .momentum = 0.9}};
  }

  Architecture sizes;
  std::int64_t rows;
  Weights weights;
  std::vector<data::Base> bases;
  std::vector<float> labels;
};

double norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

template <typename Values>
double distance(const std::vector<double>& values, const Values& expected) {
  EXPECT_EQ(static_cast<std::int64_t>(values.size()), expected.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = values[i] - expected.data()[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// Three steps, each from where the ones before left either network; gradients, statistics and
// parameters of all.
void check_steps(const Problem& problem, const FusedOptions& options) {
  FusedTraining<double> fused(problem.sizes, problem.weights, Problem::settings(), options);
  FusedTraining<double> looked_into(problem.sizes, problem.weights, Problem::settings(), options);
  ComposedNetwork<double> composed(problem.sizes, problem.weights, Problem::settings());
  constexpr double kTolerance = 1e-9;
  for (std::uint32_t step = 0; step < 3; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const engine::LossSum loss = composed.gradients(problem.batch(step));
    const auto got = looked_into.gradients(problem.batch(step));
    EXPECT_NEAR(got.loss.mean(), loss.mean(), kTolerance * loss.mean());
    double largest = 0;
    for (const auto& values : got.values) largest = std::max(largest, norm(values));
    ASSERT_GT(largest, 1e-4);
    for (std::size_t i = 0; i < problem.weights.specs.size(); ++i) {
      const TensorSpec& spec = problem.weights.specs[i];
      if (got.values[i].empty()) continue;
      EXPECT_LE(distance(got.values[i], composed.tensor(spec.name).gradient()),
                kTolerance * largest)
          << spec.name;
    }
    composed.update();
    fused.train_step(problem.batch(step));
    looked_into.train_step(problem.batch(step));
    for (const TensorSpec& spec : problem.weights.specs) {
      if (spec.role == TensorRole::idle_bias) continue;
      const auto values = fused.values_of(spec.name);
      EXPECT_LE(distance(values, composed.tensor(spec.name)), kTolerance * (1 + norm(values)))
          << spec.name;
    }
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  static const char* const kNames[] = {"Fc0", "Fc1", "Fc2", "Fc3", "Fc4",
                                       "Fc5", "Fc6", "Fc7", "Fc8"};
  for (std::int64_t fc = 0; fc <= 8; ++fc) {
    all.push_back(
        {kNames[fc],
         {.num_units = 5, .filter_size = 7, .num_fc = fc, .input_length = 41, .num_tasks = 3},
         19});
  }
  all.push_back({"OverlappingPools",
                 {.num_units = 3,
                  .filter_size = 6,
                  .pool_size = 5,
                  .pool_stride = 2,
                  .input_length = 38,
                  .num_tasks = 2},
                 11});
  all.push_back({"GapsBetweenPools",
                 {.num_units = 3,
                  .filter_size = 5,
                  .pool_size = 3,
                  .pool_stride = 6,
                  .input_length = 40,
                  .num_tasks = 2},
                 12});
  all.push_back({"OneUnitTwoRows",
                 {.num_units = 1,
                  .filter_size = 4,
                  .pool_size = 2,
                  .pool_stride = 2,
                  .input_length = 12,
                  .num_tasks = 1},
                 2});
  all.push_back({"OneWindow",
                 {.num_units = 2,
                  .filter_size = 9,
                  .pool_size = 1,
                  .pool_stride = 1,
                  .input_length = 9,
                  .num_tasks = 2},
                 8});
  all.push_back({"ThirtyPooled",
                 {.num_units = 18,
                  .filter_size = 19,
                  .pool_size = 3,
                  .pool_stride = 3,
                  .input_length = 110,
                  .num_tasks = 2},
                 21});
  all.push_back({"LongFilter",
                 {.num_units = 2,
                  .filter_size = 33,
                  .pool_size = 9,
                  .pool_stride = 9,
                  .input_length = 90,
                  .num_tasks = 2},
                 10});
  return all;
}

class FusedAndComposed : public testing::TestWithParam<std::tuple<Case, InstructionSet>> {};

TEST_P(FusedAndComposed, TakeTheSameSteps) {
  const auto& [c, set] = GetParam();
  const Problem problem(c);
  check_steps(problem, {.set = set});
  if (c.sizes.num_fc == 2) {
    check_steps(problem, {.path = HiddenPath::masked, .set = set});
    check_steps(problem, {.path = HiddenPath::dense, .set = set});
  }
  check_steps(problem, {.pooled_bytes = 1, .set = set});  // as many groups as there can be
}

TEST_P(FusedAndComposed, SameBitsForAllThreadCounts) {
  const auto& [c, set] = GetParam();
  const Problem problem(c);
  for (const std::int64_t pooled_bytes : {std::int64_t{1}, std::int64_t{1} << 30}) {
    test::expect_same_bits_for_all_thread_counts([&, set = set] {
      FusedTraining<float> fused(problem.sizes, problem.weights, Problem::settings(),
                                 {.pooled_bytes = pooled_bytes, .set = set});
      for (std::uint32_t step = 0; step < 3; ++step) fused.train_step(problem.batch(step));
      std::vector<float> all;
      for (const TensorSpec& spec : problem.weights.specs) {
        const auto values = fused.values_of(spec.name);
        all.insert(all.end(), values.begin(), values.end());
      }
      return all;
    });
  }
}

INSTANTIATE_TEST_SUITE_P(All, FusedAndComposed,
                         testing::Combine(testing::ValuesIn(cases()),
                                          test::every_instruction_set()),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) + "_" +
                                  std::string(to_string(std::get<1>(test.param)));
                         });

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

}  // namespace
}  // namespace explainn::model
