// The composed network on a GPU against PyTorch in double precision, by the rules that hold for the
// CPU.
#include <gtest/gtest.h>

#include "tests/support/composed_golden.h"
#include "tests/support/device.h"

namespace explainn::model {
namespace {

using explainn::test::kGpu;
using test::Golden;
using test::Numbers;
using test::PathErrors;

class DeviceNetwork : public explainn::test::DeviceTest,
                      public testing::WithParamInterface<std::string> {
 protected:
  Golden golden{GetParam()};
  bool two_rows() const { return golden.json().at("batch").get<int>() == 2; }
  // The simulation takes seconds for fifty steps: two small cases there.
  bool has_path() const {
#ifdef EXPLAINN_SIMT
    if (GetParam() != "fc1_overlap" && GetParam() != "fc2_one_unit") return false;
#endif
    return golden.has("path.index");
  }
};

TEST_P(DeviceNetwork, OneStepInDouble) {
  test::check_one_step<double>(golden, two_rows() ? 1e-9 : 1e-11, kGpu);
}

TEST_P(DeviceNetwork, OneStepInFloat) {
  if (!two_rows()) test::check_one_step<float>(golden, 1e-5, kGpu);
}

TEST_P(DeviceNetwork, FiftyStepsOfSgd) {
  if (!has_path()) return;
  const engine::OptimizerSettings sgd{.kind = engine::OptimizerKind::sgd,
                                      .lr = golden.json().at("path").at("sgd_lr")};
  const PathErrors exact = test::run_composed_path<double>(golden, "sgd", sgd, kGpu);
  EXPECT_LE(exact.loss, 1e-9);
  EXPECT_LE(exact.weights, 1e-9);
  const PathErrors single = test::run_composed_path<float>(golden, "sgd", sgd, kGpu);
  EXPECT_LE(single.loss, 1e-5);
  EXPECT_LE(single.weights, 1e-5);
}

TEST_P(DeviceNetwork, FiftyStepsOfAdam) {
  if (!has_path()) return;
  const engine::OptimizerSettings adam{.lr = golden.json().at("path").at("adam_lr")};
  EXPECT_LE(test::run_composed_path<double>(golden, "adam", adam, kGpu).loss, 1e-7);
  EXPECT_LE(test::run_composed_path<float>(golden, "adam", adam, kGpu).loss, 1e-4);
}

// Logits, unit outputs and activation maps of all rows, from a network in evaluation mode.
Numbers inferred(const Golden& golden, Device device) {
  const Architecture sizes = golden.sizes();
  const std::vector<float> labels = golden.floats("labels");
  const SequenceBatch batch = test::whole_batch(golden, labels).sequences;
  const auto of_row = [&](std::int64_t count) {
    return std::vector<float>(static_cast<std::size_t>(batch.rows * count), NAN);
  };
  std::vector<float> logits = of_row(sizes.num_tasks), units = of_row(sizes.num_units);
  std::vector<float> activations = of_row(sizes.num_units * sizes.positions());
  ComposedNetwork<float> net(sizes, golden.weights("init."), std::nullopt, device);
  net.infer(
      batch,
      {.logits = logits.data(), .unit_outputs = units.data(), .activations = activations.data()});
  Numbers all(logits.begin(), logits.end());
  all.insert(all.end(), units.begin(), units.end());
  all.insert(all.end(), activations.begin(), activations.end());
  return all;
}

TEST_P(DeviceNetwork, InfersAsOnTheCpu) {
  const Numbers cpu = inferred(golden, {});
  EXPECT_LE(test::distance(inferred(golden, kGpu), cpu), 1e-5 * test::norm(cpu));
}

INSTANTIATE_TEST_SUITE_P(Cases, DeviceNetwork, testing::ValuesIn(test::cases()),
                         [](const auto& each) { return each.param; });

class DeviceTraining : public explainn::test::DeviceTest {};

// Momentum, trimmed weights and the optimiser's state, whatever the order of threads; a second
// network goes on from what the first one gave out.
TEST_F(DeviceTraining, SameBitsInEveryRun) {
  const Golden golden("fc2_overlap");
  const std::vector<float> labels = golden.floats("labels");
  const TrainingBatch batch = test::whole_batch(golden, labels);
  for (const engine::OptimizerSettings& optimizer :
       {engine::OptimizerSettings{.lr = 0.01},
        {.kind = engine::OptimizerKind::sgd, .lr = 0.05, .momentum = 0.9}}) {
    TrainingSettings settings = golden.settings(optimizer);
    settings.trim_weights = true;
    std::vector<std::vector<float>> first;
    explainn::test::in_every_order([&] {
      ComposedNetwork<float> net(golden.sizes(), golden.weights("init."), settings, kGpu);
      net.train_step(batch);
      ComposedNetwork<float> next(golden.sizes(), net.weights(), settings, kGpu);
      next.set_optimizer_state(net.optimizer_state());
      next.train_step(batch);
      const Weights after = next.weights();
      for (const float weight : after.at("final.weight")) EXPECT_GE(weight, 0);
      if (first.empty()) first = after.values;
      EXPECT_EQ(after.values, first);
    });
  }
}

// Nothing resolved: nothing changes, though the count is told.
TEST_F(DeviceTraining, WithoutALabelNothingChanges) {
  const Golden golden("fc2_odd");
  const std::vector<float> missing(golden.floats("labels").size(), NAN);
  ComposedNetwork<float> net(golden.sizes(), golden.weights("init."), golden.settings(), kGpu);
  EXPECT_EQ(net.train_step(test::whole_batch(golden, missing)).count, 0);
  EXPECT_EQ(net.weights().values, golden.weights("init.").values);
}

}  // namespace
}  // namespace explainn::model
