// The model room on a GPU, the real one or the simulated: training, evaluation and interpretation
// against the same on the CPU.
#include "model/device_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/interpret/interpretation.h"
#include "model/samples.h"
#include "model/trainer.h"
#include "tests/support/device.h"
#include "tests/support/tiny_model.h"

namespace explainn::model {
namespace {

using test::kGpu;

class DeviceNetwork : public test::DeviceTest {};
class DeviceTrainer : public test::DeviceTest {};
class DeviceInterpretation : public test::DeviceTest {};

Architecture small(std::int64_t num_fc) {
  return {.num_units = 4,
          .filter_size = 6,
          .num_fc = num_fc,
          .pool_size = 5,
          .pool_stride = 5,
          .input_length = 40,
          .num_tasks = 2};
}

const data::Dataset& dataset() {
  static const data::Dataset data = test::tiny_dataset(71, 40, 2, 15);
  return data;
}

std::vector<float> flat(const std::vector<std::vector<float>>& parts) {
  std::vector<float> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// One epoch of both strands of the training rows, so many batches at a time.
struct Epoch {
  engine::LossSum loss;
  Weights weights;
  OptimizerState optimizer;

  Epoch(Network& network, std::int64_t batch_size, std::int64_t at_once) {
    const auto rows = dataset().rows(data::Split::train);
    const SampleSet samples(dataset(), rows, true, 40);
    const BatchPlan plan(samples.size(), batch_size);
    for (std::int64_t first = 0; first < plan.count(); first += at_once) {
      const BatchesDone done =
          network.train_batches({.samples = samples,
                                 .plan = plan,
                                 .seed = 3,
                                 .epoch = 1,
                                 .first = first,
                                 .count = std::min(at_once, plan.count() - first),
                                 .step = static_cast<std::uint32_t>(5 + first),
                                 .before = loss});
      EXPECT_EQ(done.batches, std::min(at_once, plan.count() - first));
      loss = done.loss;
    }
    weights = network.weights();
    optimizer = network.optimizer_state();
  }

  void expect_same_bits(const Epoch& other) const {
    EXPECT_EQ(loss.sum, other.loss.sum);
    EXPECT_EQ(loss.count, other.loss.count);
    EXPECT_TRUE(test::same_bits<float>(flat(weights.values), flat(other.weights.values)));
    EXPECT_EQ(weights.batches_tracked, other.weights.batches_tracked);
    EXPECT_TRUE(test::same_bits<float>(flat(optimizer.moments), flat(other.optimizer.moments)));
    EXPECT_EQ(optimizer.steps, other.optimizer.steps);
  }
};

TrainingSettings settings(engine::OptimizerKind kind) {
  const bool sgd = kind == engine::OptimizerKind::sgd;
  return {.criterion = Criterion::bce_with_logits,
          .optimizer = {.kind = kind, .lr = sgd ? 0.01 : 0.003, .momentum = sgd ? 0.5 : 0.0}};
}

TEST_F(DeviceNetwork, TrainsAsTheCpuDoes) {
  for (const std::int64_t num_fc : {0, 1, 2, 3}) {
    const Architecture sizes = small(num_fc);
    const Weights start = test::tiny_model(sizes, Criterion::bce_with_logits, true).weights;
    const TrainingSettings sgd = settings(engine::OptimizerKind::sgd);
    const auto cpu = make_network(sizes, start, sgd);
    const auto gpu = make_network(sizes, start, sgd, Computation::fused, kGpu);
    const Epoch expected(*cpu, 23, 100);
    const Epoch got(*gpu, 23, 100);
    EXPECT_EQ(got.loss.count, expected.loss.count);
    EXPECT_NEAR(got.loss.sum, expected.loss.sum, 1e-5 * expected.loss.sum) << num_fc;
    for (std::size_t i = 0; i < start.specs.size(); ++i) {
      test::expect_close(got.weights.values[i], expected.weights.values[i], 2e-5,
                         start.specs[i].name);
    }
    EXPECT_EQ(got.weights.batches_tracked, expected.weights.batches_tracked);
    EXPECT_EQ(got.optimizer.steps, expected.optimizer.steps);
    ASSERT_EQ(got.optimizer.moments.size(), expected.optimizer.moments.size());
    for (std::size_t i = 0; i < got.optimizer.moments.size(); ++i) {
      EXPECT_EQ(got.optimizer.moments[i].size(), expected.optimizer.moments[i].size());
    }
  }
}

// 112 samples: a last batch of 2 (11, 55), of 1 that joins the one before it (37), of none (28),
// and all in one (112).
TEST_F(DeviceNetwork, HowBatchesAreDividedAndWhereSamplesLieChangesNoBit) {
  const Architecture sizes = small(2);
  const Weights start = test::tiny_model(sizes, Criterion::bce_with_logits, true).weights;
  const TrainingSettings adam = settings(engine::OptimizerKind::adam);
  const auto epoch = [&](std::int64_t batch_size, std::int64_t at_once,
                         std::optional<std::int64_t> room) {
    const auto network = make_network(sizes, start, adam, Computation::fused, kGpu,
                                      {.sample_bytes = room, .batches_at_once = {}});
    return Epoch(*network, batch_size, at_once);
  };
  for (const std::int64_t batch_size : {11, 37, 112}) {
    SCOPED_TRACE(batch_size);
    const Epoch reference = epoch(batch_size, 100, std::nullopt);
    epoch(batch_size, 1, std::nullopt).expect_same_bits(reference);
    epoch(batch_size, 2, std::nullopt).expect_same_bits(reference);
    epoch(batch_size, 100, 0).expect_same_bits(reference);
    epoch(batch_size, 3, 1000).expect_same_bits(reference);
  }
}

TEST_F(DeviceNetwork, GoesOnFromAStateOfEitherDevice) {
  const Architecture sizes = small(2);
  const TrainingSettings adam = settings(engine::OptimizerKind::adam);
  const Weights start = test::tiny_model(sizes, Criterion::bce_with_logits, true).weights;
  const auto cpu = make_network(sizes, start, adam);
  const Epoch first(*cpu, 28, 100);
  const auto gpu = make_network(sizes, first.weights, adam, Computation::fused, kGpu);
  gpu->set_optimizer_state(first.optimizer);
  EXPECT_TRUE(test::same_bits<float>(flat(gpu->weights().values), flat(first.weights.values)));
  EXPECT_TRUE(
      test::same_bits<float>(flat(gpu->optimizer_state().moments), flat(first.optimizer.moments)));
  const Epoch expected(*cpu, 28, 100);
  const Epoch got(*gpu, 28, 100);
  EXPECT_NEAR(got.loss.sum, expected.loss.sum, 1e-4 * expected.loss.sum);
  EXPECT_EQ(got.optimizer.steps, expected.optimizer.steps);
}

TEST_F(DeviceNetwork, ALossThatIsNotFiniteEndsTheBatches) {
  const Architecture sizes = small(2);
  TrainingSettings mse = settings(engine::OptimizerKind::sgd);
  mse.criterion = Criterion::mse;
  data::Dataset data = dataset();
  data.labels[2 * 30] = INFINITY;
  const auto rows = data.rows(data::Split::train);
  const SampleSet samples(data, rows, false, 40);
  const BatchPlan plan(samples.size(), 8);
  for (const std::optional<std::int64_t> room : {std::optional<std::int64_t>{}, {0}}) {
    std::int64_t batches[2];
    for (const bool gpu : {false, true}) {
      const auto network =
          make_network(sizes, initial_weights(sizes, 1), mse, Computation::fused,
                       gpu ? kGpu : Device{}, {.sample_bytes = room, .batches_at_once = {}});
      const BatchesDone done = network->train_batches({.samples = samples,
                                                       .plan = plan,
                                                       .seed = 3,
                                                       .epoch = 0,
                                                       .first = 0,
                                                       .count = plan.count(),
                                                       .step = 0});
      EXPECT_FALSE(std::isfinite(done.loss.sum));
      batches[gpu ? 1 : 0] = done.batches;
    }
    EXPECT_EQ(batches[0], batches[1]);
  }
}

TEST_F(DeviceNetwork, InfersAsTheCpuDoes) {
  for (const std::int64_t num_fc : {0, 1, 2, 4}) {
    const Model model = test::tiny_model(small(num_fc), Criterion::bce_with_logits, true);
    const Architecture& sizes = model.config.sizes;
    const auto cpu = make_network(sizes, model.weights);
    const auto gpu = make_network(sizes, model.weights, Computation::fused, kGpu);
    constexpr std::int64_t kRows = 37;
    const auto bases = test::random_bases(4, kRows * 40, 0.05);
    const auto infer = [&](Network& network) {
      std::vector<float> logits(kRows * 2, NAN), units(kRows * 4, NAN);
      std::vector<float> activations(static_cast<std::size_t>(kRows * 4 * sizes.positions()), NAN);
      network.infer({bases.data(), kRows}, {.logits = logits.data(),
                                            .unit_outputs = units.data(),
                                            .activations = activations.data()});
      return std::vector<std::vector<float>>{logits, units, activations};
    };
    const auto expected = infer(*cpu), got = infer(*gpu);
    for (std::size_t i = 0; i < 3; ++i) test::expect_close(got[i], expected[i], 1e-5);
  }
}

TEST_F(DeviceNetwork, LossIsThatOfTheCpuWhereverTheSamplesLie) {
  const Model model = test::tiny_model(small(2), Criterion::bce_with_logits, true);
  const auto rows = dataset().rows(data::Split::valid);
  const SampleSet samples(dataset(), rows, true, 40);
  const auto loss = [&](Device device, std::optional<std::int64_t> room) {
    const auto network =
        make_network(model.config.sizes, model.weights, settings(engine::OptimizerKind::adam),
                     Computation::fused, device, {.sample_bytes = room, .batches_at_once = {}});
    const engine::LossSum first = network->evaluation_loss(samples, Criterion::bce_with_logits);
    EXPECT_EQ(network->evaluation_loss(samples, Criterion::bce_with_logits).sum, first.sum);
    // Other weights, the same samples; and back.
    network->set_weights(initial_weights(model.config.sizes, 8));
    EXPECT_NE(network->evaluation_loss(samples, Criterion::bce_with_logits).sum, first.sum);
    network->set_weights(model.weights);
    EXPECT_EQ(network->evaluation_loss(samples, Criterion::bce_with_logits).sum, first.sum);
    return first;
  };
  const engine::LossSum expected = loss({}, std::nullopt);
  const engine::LossSum resident = loss(kGpu, std::nullopt);
  EXPECT_EQ(resident.count, expected.count);
  EXPECT_NEAR(resident.sum, expected.sum, 1e-5 * expected.sum);
  EXPECT_EQ(loss(kGpu, 0).sum, resident.sum);
}

TEST_F(DeviceInterpretation, FindsWhatTheCpuFinds) {
  for (const bool both_strands : {false, true}) {
    const Model model = test::tiny_model(small(2), Criterion::bce_with_logits, both_strands);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 1; row < 71; row += 2) rows.push_back(row);
    Predictor cpu(model), gpu(model, Computation::fused, kGpu);
    const Interpretation expected = interpret(cpu, dataset(), rows, {});
    double last = 0;
    const Interpretation got = interpret(gpu, dataset(), rows, [&](double fraction) {
      EXPECT_GT(fraction, last);
      last = fraction;
    });
    EXPECT_EQ(last, 1);
    test::expect_close(got.max_activation, expected.max_activation, 1e-5, "maxima");
    EXPECT_EQ(got.sites, expected.sites);
    test::expect_close(got.median_importance, expected.median_importance, 1e-5, "importances");
    EXPECT_EQ(data::meme_text(got.motifs), data::meme_text(expected.motifs));

    using Row = std::tuple<std::int64_t, std::string, data::Strand>;
    const auto importances = [&](Predictor& predictor, std::vector<double>& values) {
      std::vector<Row> names;
      const auto threshold = site_thresholds(expected.max_activation);
      each_importance(predictor, dataset(), rows, threshold,
                      [&](std::int64_t unit, std::string_view id, data::Strand strand,
                          std::span<const double> numbers) {
                        names.emplace_back(unit, id, strand);
                        values.insert(values.end(), numbers.begin(), numbers.end());
                      });
      return names;
    };
    std::vector<double> expected_values, values;
    EXPECT_EQ(importances(gpu, values), importances(cpu, expected_values));
    test::expect_close(values, expected_values, 1e-5, "importances of sequences");
  }
}

Config small_config() {
  Config config;
  config.sizes = small(2);
  config.criterion = Criterion::bce_with_logits;
  config.targets = {"task0", "task1"};
  config.rev_complement = true;
  return config;
}

TrainOptions small_options(Device device) {
  TrainOptions options;
  options.batch_size = 11;
  options.num_epochs = 3;
  options.device = device;
  return options;
}

std::string results(const test::TemporaryFolder& folder) {
  return test::file_bytes(folder.path("model.safetensors")) +
         test::file_bytes(folder.path("losses.tsv"));
}

// Dropout and order are the same on both, so the paths stay close for a few epochs.
TEST_F(DeviceTrainer, LearnsWhatTheCpuLearns) {
  const test::TemporaryFolder on_cpu, on_gpu, again;
  const TrainSummary expected =
      train(small_config(), small_options({}), dataset(), on_cpu.path(), {});
  const TrainSummary got = train(small_config(), small_options(kGpu), dataset(), on_gpu.path(), {});
  ASSERT_EQ(got.epochs.size(), expected.epochs.size());
  for (std::size_t i = 0; i < got.epochs.size(); ++i) {
    EXPECT_NEAR(got.epochs[i].train_loss, expected.epochs[i].train_loss, 1e-2) << i;
    EXPECT_NEAR(got.epochs[i].valid_loss, expected.epochs[i].valid_loss, 1e-2) << i;
  }
  EXPECT_EQ(got.steps, expected.steps);
  train(small_config(), small_options(kGpu), dataset(), again.path(), {});
  EXPECT_EQ(results(again), results(on_gpu)) << "other bytes in a second run";
}

TEST_F(DeviceTrainer, StoppedAnywhereItGoesOnBitForBit) {
  const test::TemporaryFolder undisturbed, folder;
  train(small_config(), small_options(kGpu), dataset(), undisturbed.path(), {});
  TrainOptions options = small_options(kGpu);
  options.resume = true;
  TrainSummary summary;
  int runs = 0;
  do {
    options.on_device.batches_at_once = 1 + runs % 3;
    options.on_device.sample_bytes =
        runs % 2 == 0 ? std::optional<std::int64_t>{} : std::optional<std::int64_t>{700};
    int calls = 0;
    TrainHooks hooks;
    hooks.stop = [&] { return ++calls >= 4; };
    summary = train(small_config(), options, dataset(), folder.path(), hooks);
  } while (summary.end == TrainSummary::End::stopped && ++runs < 100);
  EXPECT_GE(runs, 2);
  EXPECT_EQ(results(folder), results(undisturbed));
}

TEST_F(DeviceTrainer, SaysWhenTheOtherDeviceComputedTheState) {
  const test::TemporaryFolder folder;
  TrainOptions options = small_options(kGpu);
  options.num_epochs = 1;
  train(small_config(), options, dataset(), folder.path(), {});
  options.resume = true;
  options.num_epochs = 2;
  options.device = {};
  std::string note;
  TrainHooks hooks;
  hooks.note = [&](const std::string& text) { note = text; };
  const TrainSummary summary = train(small_config(), options, dataset(), folder.path(), hooks);
  EXPECT_EQ(summary.epochs.size(), 2U);
  EXPECT_NE(note.find("a GPU"), std::string::npos) << note;
}

}  // namespace
}  // namespace explainn::model
