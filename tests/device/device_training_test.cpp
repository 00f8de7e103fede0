// Training steps on a GPU against the CPU's in double.
#include <gtest/gtest.h>

#include "tests/device/training_problem.h"
#include "tests/support/compare.h"

namespace explainn::kernels {
namespace {

using test::kGpu;
using test::ReferenceTraining;
using test::TrainingCase;
using test::TrainingProblem;

double norm_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

// A tensor of all units: some numbers of each block.
struct Section {
  std::string name;
  std::vector<double> actual, expected;
  bool one_number_a_unit = false;
};

std::vector<Section> sections(const UnitLayout& layout, std::int64_t units,
                              const std::vector<float>& actual,
                              const std::vector<double>& expected) {
  std::vector<Section> all;
  const auto add = [&](const std::string& name, std::int64_t offset, std::int64_t size) {
    Section& section = all.emplace_back(Section{name, {}, {}, size == 1});
    for (std::int64_t u = 0; u < units; ++u) {
      for (std::int64_t i = 0; i < size; ++i) {
        const auto at = static_cast<std::size_t>(u * layout.parameters + offset + i);
        section.actual.push_back(static_cast<double>(actual[at]));
        section.expected.push_back(expected[at]);
      }
    }
  };
  const auto add_layer = [&](const std::string& name, const UnitLayer& layer) {
    add(name + ".w", layer.w, layer.outputs == 1 ? layer.stride : layer.inputs * layer.stride);
    add(name + ".gamma", layer.gamma, layer.outputs);
    add(name + ".beta", layer.beta, layer.outputs);
  };
  add_layer("convolution", layout.convolution);
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    add_layer("layer " + std::to_string(i), layout.layers[i]);
  }
  return all;
}

// |g - g64| <= tolerance max(|g64|, 1e-3 G), G the largest norm of a tensor. The gradients of the
// batch norms with one output a unit are single sums that nearly cancel, in PyTorch's float runs
// too: judged by 1e-6 G.
void expect_gradients(const std::vector<Section>& all, double tolerance) {
  double largest = 0;
  for (const Section& section : all) largest = std::max(largest, norm_of(section.expected));
  for (const Section& section : all) {
    std::vector<double> difference(section.expected.size());
    for (std::size_t i = 0; i < difference.size(); ++i) {
      difference[i] = section.actual[i] - section.expected[i];
    }
    const bool cancels = section.one_number_a_unit;
    const double least = cancels ? 0.1 : 1e-3;
    const double allowed = tolerance * std::max(norm_of(section.expected), least * largest);
    const double used = norm_of(difference) / allowed;
    EXPECT_LE(used, 1) << section.name << ": norm " << norm_of(section.expected) << " of "
                       << largest;
    test::record_tolerance_used(used);
  }
}

class DeviceTrainingGradients : public testing::TestWithParam<TrainingCase> {
 protected:
  void SetUp() override { test::skip_without_gpu(); }
};

TEST_P(DeviceTrainingGradients, EqualTheCpu) {
  const TrainingCase& c = GetParam();
  const TrainingProblem problem(c);
  DeviceTraining training(c.sizes, c.hidden_outputs(), problem.settings(), kGpu);
  const DeviceTrainingState start = problem.start(2);
  training.set_state(start);
  ReferenceTraining reference(c, start);
  const SampleOrder order{.shuffled = true,
                          .size = static_cast<std::uint64_t>(problem.samples().samples()),
                          .seed = 5,
                          .epoch = 3};
  const DeviceGradients actual = training.gradients(
      problem.samples(), {.order = order, .begin = 0, .end = c.rows, .batch = c.rows, .step = 6});
  const auto expected = reference.gradients(problem.bases(order, 0, c.rows),
                                            problem.labels<double>(order, 0, c.rows), 6);
  EXPECT_EQ(actual.loss.count, expected.loss.count);
  EXPECT_NEAR(actual.loss.mean(), expected.loss.mean(), 1e-5 * std::abs(expected.loss.mean()));
  test::expect_close(actual.unit_outputs, expected.unit_outputs, 1e-5, "unit outputs");
  test::expect_close(actual.logits, expected.logits, 1e-5, "logits");
  std::vector<Section> all =
      sections(training.layout(), c.sizes.units, actual.parameters, expected.parameters);
  all.push_back({"final weight",
                 {actual.final_weight.begin(), actual.final_weight.end()},
                 expected.final_weight});
  all.push_back(
      {"final bias", {actual.final_bias.begin(), actual.final_bias.end()}, expected.final_bias});
  expect_gradients(all, 1e-5);
  // Running statistics have moved, parameters have not.
  const DeviceTrainingState after = training.state();
  EXPECT_EQ(after.parameters, start.parameters);
  EXPECT_EQ(after.final_weight, start.final_weight);
  std::vector<double> statistics(reference.units().statistics().begin(),
                                 reference.units().statistics().end());
  test::expect_close(after.statistics, statistics, 1e-5, "running statistics");
}

UnitSizes sizes(std::int64_t units, std::int64_t filter, std::int64_t length, std::int64_t pool,
                std::int64_t stride) {
  return {.units = units, .filter = filter, .length = length, .pool = pool, .stride = stride};
}

const TrainingCase kCases[] = {
    {"two_layers", sizes(3, 5, 40, 4, 4), 2, 13},
    {"no_unknown_one_strand", sizes(2, 5, 40, 4, 4), 2, 9, 3, LossKind::bce_with_logits, 0, false},
    {"paper_filter_and_pool", sizes(2, 19, 67, 7, 7), 2, 11},
    {"overlapping_pools", sizes(2, 6, 37, 5, 2), 2, 10},
    {"gaps_between_pools", sizes(2, 4, 41, 3, 5), 2, 12},
    {"one_unit_one_window", sizes(1, 7, 12, 6, 3), 2, 8},
    {"filter_as_long_as_sequence", sizes(2, 9, 9, 1, 1), 2, 21},
    {"more_rows_than_a_tile", sizes(2, 3, 21, 4, 4), 2, 231},
    {"more_windows_than_a_chunk", sizes(1, 3, 80, 2, 2), 2, 17},
    {"no_layer", sizes(3, 5, 33, 29, 1), 0, 14},
    {"one_layer", sizes(3, 5, 33, 4, 4), 1, 15},
    {"three_layers", sizes(2, 5, 33, 4, 4), 3, 19},
    {"five_layers", sizes(1, 4, 25, 4, 4), 5, 16},
    {"many_tasks", sizes(5, 4, 30, 5, 5), 2, 12, 41},
    {"cross_entropy", sizes(3, 4, 30, 5, 5), 2, 12, 4, LossKind::cross_entropy},
    {"mse", sizes(3, 4, 30, 5, 5), 2, 12, 2, LossKind::mse},
    {"pearson", sizes(3, 4, 30, 5, 5), 2, 12, 6, LossKind::pearson},
    {"poisson", sizes(3, 4, 30, 5, 5), 2, 12, 2, LossKind::poisson_nll},
};

INSTANTIATE_TEST_SUITE_P(Cases, DeviceTrainingGradients, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// Both ways to make steps: kernels for each phase, and one launch for many steps.
enum class Way { tiled, on_chip };

std::string name_of(Way way) {
  return way == Way::tiled ? "tiled" : "on_chip";
}

void PrintTo(Way way, std::ostream* out) {
  *out << name_of(way);
}

class DeviceTrainingRun : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override { test::skip_without_gpu(); }
  static TrainingCase small() {
    return {
        .name = "small", .sizes = sizes(3, 5, 40, 4, 4), .layers = 2, .rows = 12, .sequences = 29};
  }
  static DeviceTrainingSettings settings_of(const TrainingProblem& problem) {
    DeviceTrainingSettings settings = problem.settings();
    settings.always_tiled = GetParam() == Way::tiled;
    return settings;
  }
  // Batches of all samples in a shuffled order.
  static DeviceBatches epoch(const TrainingProblem& problem, std::int64_t batch) {
    const std::int64_t size = problem.samples().samples();
    return {.order = {.shuffled = true,
                      .size = static_cast<std::uint64_t>(size),
                      .seed = 8,
                      .epoch = 2},
            .begin = 0,
            .end = size,
            .batch = batch,
            .step = 4};
  }
};

// Plain SGD with a rate of one: what a step changes is the gradient itself.
void expect_epoch_of_cpu(const TrainingCase& c, DeviceTrainingSettings settings,
                         const DeviceBatches& batches, double lr) {
  const TrainingProblem problem(c);
  settings.adam = false;
  settings.lr = lr;
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings, kGpu);
  const DeviceTrainingState start = problem.start(0);
  training.set_state(start);
  ReferenceTraining reference(c, start);
  const DeviceRun run = training.run(problem.samples(), batches);
  LossSum loss;
  std::int64_t steps = 0;
  for (std::int64_t place = batches.begin; place < batches.end; ++steps) {
    std::int64_t rows = std::min(batches.batch, batches.end - place);
    if (batches.end - place - rows == 1) ++rows;
    const auto g = reference.gradients(problem.bases(batches.order, place, rows),
                                       problem.labels<double>(batches.order, place, rows),
                                       batches.step + static_cast<std::uint32_t>(steps));
    loss += g.loss;
    reference.sgd(g, lr);
    place += rows;
  }
  EXPECT_EQ(run.steps, steps);
  EXPECT_EQ(run.loss.count, loss.count);
  EXPECT_NEAR(run.loss.sum, loss.sum, 1e-5 * loss.sum);
  const DeviceTrainingState after = training.state();
  EXPECT_EQ(after.optimizer_steps, steps);
  EXPECT_EQ(after.batches_tracked, steps);
  const std::vector<double> parameters(reference.units().parameters().begin(),
                                       reference.units().parameters().end());
  const std::vector<double> statistics(reference.units().statistics().begin(),
                                       reference.units().statistics().end());
  test::expect_close(after.parameters, parameters, 1e-5, "parameters");
  test::expect_close(after.statistics, statistics, 1e-5, "statistics");
  test::expect_close(after.final_weight, reference.final_weight(), 1e-5, "final weight");
  test::expect_close(after.final_bias, reference.final_bias(), 1e-5, "final bias");
}

TEST_P(DeviceTrainingRun, FollowsTheCpuThroughAnEpoch) {
  // 58 samples: batches of 19 leave one row, which joins the third.
  const TrainingProblem problem(small());
  expect_epoch_of_cpu(small(), settings_of(problem), epoch(problem, 19), 0.01);
}

TEST_P(DeviceTrainingRun, OneStepChangesByTheGradient) {
  const TrainingCase cases[] = {
      small(),
      {"paper_filter", sizes(2, 19, 67, 7, 7), 2, 11},
      {"as_many_windows_as_fit", sizes(2, 19, 200, 7, 7), 2, 37},
      {"a_unit_a_processor", sizes(4, 5, 40, 4, 4), 2, 20, 6},
      {"a_whole_tile", sizes(2, 5, 40, 4, 4), 2, 100},
      {"no_unknown", sizes(2, 6, 37, 5, 2), 2, 10, 3, LossKind::mse, 0},
      {"pearson", sizes(3, 4, 30, 5, 5), 2, 12, 6, LossKind::pearson},
      {"cross_entropy", sizes(3, 4, 30, 5, 5), 2, 12, 4, LossKind::cross_entropy},
  };
  for (const TrainingCase& c : cases) {
    SCOPED_TRACE(c.name);
    const TrainingProblem problem(c);
    DeviceBatches batches = epoch(problem, c.rows);
    batches.end = c.rows;
    expect_epoch_of_cpu(c, settings_of(problem), batches, 1);
  }
}

TEST_P(DeviceTrainingRun, FollowsTheCpuWithAdam) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  const DeviceTrainingState start = problem.start(2);
  training.set_state(start);
  ReferenceTraining reference(c, start);
  const DeviceBatches batches = epoch(problem, 6);
  const DeviceRun run = training.run(problem.samples(), batches);
  EXPECT_EQ(run.steps, 10);
  LossSum loss;
  for (std::int64_t i = 0; i < 10; ++i) {
    const std::int64_t rows = i == 9 ? 4 : 6;
    const auto g = reference.gradients(problem.bases(batches.order, 6 * i, rows),
                                       problem.labels<double>(batches.order, 6 * i, rows),
                                       static_cast<std::uint32_t>(4 + i));
    loss += g.loss;
    reference.adam(g, problem.settings().lr, i + 1);
  }
  EXPECT_NEAR(run.loss.sum, loss.sum, 1e-4 * loss.sum);
}

TEST_P(DeviceTrainingRun, GivesTheSameBitsTwice) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTrainingState states[2];
  for (DeviceTrainingState& state : states) {
    DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
    training.set_state(problem.start(2));
    training.run(problem.samples(), epoch(problem, 6));
    state = training.state();
  }
  EXPECT_EQ(states[0].parameters, states[1].parameters);
  EXPECT_EQ(states[0].moments, states[1].moments);
  EXPECT_EQ(states[0].final_weight, states[1].final_weight);
  EXPECT_NE(states[0].parameters, problem.start(2).parameters);
}

TEST_P(DeviceTrainingRun, TakesUpWhereItStopped) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTraining whole(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  whole.set_state(problem.start(2));
  whole.run(problem.samples(), epoch(problem, 6));
  DeviceTraining first(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  first.set_state(problem.start(2));
  DeviceBatches batches = epoch(problem, 6);
  batches.end = 24;
  first.run(problem.samples(), batches);
  DeviceTraining second(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  second.set_state(first.state());
  batches = epoch(problem, 6);
  batches.begin = 24;
  batches.step = 8;
  second.run(problem.samples(), batches);
  EXPECT_EQ(whole.state().parameters, second.state().parameters);
  EXPECT_EQ(whole.state().optimizer_steps, second.state().optimizer_steps);
}

TEST_P(DeviceTrainingRun, ABatchWithoutLabelsChangesNothing) {
  const TrainingCase c = small();
  TrainingProblem problem(c);
  for (float& label : problem.host_labels()) label = std::numeric_limits<float>::quiet_NaN();
  problem.upload();
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  const DeviceTrainingState start = problem.start(2);
  training.set_state(start);
  const DeviceRun run = training.run(problem.samples(), epoch(problem, 19));
  EXPECT_EQ(run.steps, 3);
  EXPECT_EQ(run.loss.count, 0);
  const DeviceTrainingState after = training.state();
  EXPECT_EQ(after.parameters, start.parameters);
  EXPECT_EQ(after.statistics, start.statistics);
  EXPECT_EQ(after.optimizer_steps, 0);
}

TEST_P(DeviceTrainingRun, StopsAtALossThatIsNotFinite) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  DeviceTrainingState start = problem.start(2);
  start.final_bias[1] = std::numeric_limits<float>::infinity();
  training.set_state(start);
  const DeviceRun run = training.run(problem.samples(), epoch(problem, 6));
  EXPECT_EQ(run.steps, 1);
  EXPECT_FALSE(std::isfinite(run.loss.sum));
  EXPECT_EQ(training.state().parameters, start.parameters);
}

TEST_P(DeviceTrainingRun, TimesThePhasesOfTheOneLaunch) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  training.set_state(problem.start(2));
  const auto phases = training.time_phases(problem.samples(), epoch(problem, 6));
  EXPECT_EQ(phases.empty(), GetParam() == Way::tiled);
  for (const DevicePhase& phase : phases) EXPECT_GT(phase.cycles, 0) << phase.name;
  EXPECT_EQ(training.state().optimizer_steps, 10);
}

TEST_P(DeviceTrainingRun, TrimsTheFinalWeights) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTrainingSettings settings = settings_of(problem);
  settings.trim_weights = true;
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings, kGpu);
  training.set_state(problem.start(2));
  training.run(problem.samples(), epoch(problem, 19));
  for (const float weight : training.state().final_weight) EXPECT_GE(weight, 0);
}

TEST_P(DeviceTrainingRun, RefusesWhatDoesNotFit) {
  const TrainingCase c = small();
  const TrainingProblem problem(c);
  DeviceTraining training(c.sizes, c.hidden_outputs(), settings_of(problem), kGpu);
  DeviceBatches one_row = epoch(problem, 6);
  one_row.end = 1;
  EXPECT_THROW(training.run(problem.samples(), one_row), std::invalid_argument);
  DeviceBatches too_far = epoch(problem, 6);
  too_far.end = 59;
  EXPECT_THROW(training.run(problem.samples(), too_far), std::invalid_argument);
  EXPECT_THROW(training.set_state({}), std::invalid_argument);
  EXPECT_THROW(DeviceTraining(c.sizes, {30, 1}, settings_of(problem), kGpu), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Ways, DeviceTrainingRun, testing::Values(Way::tiled, Way::on_chip),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace explainn::kernels
