// Training in the model room on a GPU, the real one or the simulated: batch by batch against the
// CPU, divided and stored in all ways.
#include "model/device_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/samples.h"
#include "tests/device/small_network.h"
#include "tests/support/device.h"

namespace explainn::model {
namespace {

using test::kGpu;

class DeviceNetwork : public test::DeviceTest {};

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

// 42 samples: a last batch of 9 (11), of one that joins the one before it (41), and all in one.
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
  for (const std::int64_t batch_size : {11, 41, 42}) {
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
  data.labels[2 * 15] = INFINITY;
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

}  // namespace
}  // namespace explainn::model
