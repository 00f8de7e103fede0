// The composed network against PyTorch in double precision (tests/golden/network).
#include <gtest/gtest.h>

#include <algorithm>

#include "model/composed_network.h"
#include "tests/support/network_golden.h"

namespace explainn::model {
namespace {

using test::cancels;
using test::distance;
using test::Golden;
using test::norm;
using test::Numbers;
using test::PathErrors;
using test::whole_batch;

class NetworkGolden : public testing::TestWithParam<std::string> {
 protected:
  Golden golden{GetParam()};
  bool two_rows() const { return golden.json().at("batch").get<int>() == 2; }
};

// Outputs, gradients and running statistics of one step. Per gradient tensor
// |g - g64| <= tol * max(|g64|, 1e-3 G), G the largest norm of the step.
template <typename T>
void check_one_step(const Golden& golden, double tolerance) {
  ComposedNetwork<T> net(golden.sizes(), golden.weights("init."), golden.settings());
  const std::vector<float> labels = golden.floats("labels");
  const TrainingBatch batch = whole_batch(golden, labels);

  engine::Tape<T> tape;
  const auto outputs =
      net.forward(tape, one_hot<T>(batch.sequences, golden.sizes().input_length), batch.step);
  const Numbers logits = golden.numbers("train.logits");
  const Numbers units = golden.numbers("train.units");
  EXPECT_LE(distance(outputs.logits.values(), logits), tolerance * norm(logits));
  EXPECT_LE(distance(outputs.unit_outputs.values(), units), tolerance * norm(units));

  net.set_weights(golden.weights("init."));  // the forward pass moved the running statistics
  const engine::LossSum loss = net.gradients(batch);
  EXPECT_NEAR(loss.mean(), golden.number("train.loss"), tolerance * golden.number("train.loss"));

  double largest = 0;
  for (const TensorSpec& spec : tensor_specs(golden.sizes())) {
    if (spec.trained()) largest = std::max(largest, norm(golden.numbers("grad." + spec.name)));
  }
  for (const TensorSpec& spec : tensor_specs(golden.sizes())) {
    const engine::Tensor<T>& tensor = net.tensor(spec.name);
    if (!spec.trained()) {
      const Numbers expected = golden.numbers("after." + spec.name);
      EXPECT_LE(distance(tensor.values(), expected), tolerance * norm(expected)) << spec.name;
      continue;
    }
    const Numbers expected = golden.numbers("grad." + spec.name);
    if (spec.role == TensorRole::idle_bias) {
      EXPECT_EQ(norm(expected), 0) << spec.name;
      EXPECT_FALSE(tensor.has_gradient()) << spec.name;
      continue;
    }
    ASSERT_TRUE(tensor.has_gradient()) << spec.name;
    double allowed = tolerance * std::max(norm(expected), 1e-3 * largest);
    if (std::is_same_v<T, float> && cancels(golden, spec.name)) {
      allowed = std::max(allowed, 1e-6 * largest);
    }
    const double error = distance(tensor.gradient(), expected);
    EXPECT_LE(error, allowed) << spec.name << ": " << error / allowed << " of the tolerance";
  }
}

TEST_P(NetworkGolden, OneStepInDouble) {
  check_one_step<double>(golden, two_rows() ? 1e-9 : 1e-11);
}

TEST_P(NetworkGolden, OneStepInFloat) {
  if (!two_rows()) check_one_step<float>(golden, 1e-5);
}

TEST_P(NetworkGolden, InferenceWithFoldedBatchNorms) {
  Weights weights = golden.weights("init.");
  for (std::size_t i = 0; i < weights.specs.size(); ++i) {
    if (!weights.specs[i].trained()) {
      weights.values[i] = golden.floats("after." + weights.specs[i].name);
    }
  }
  const std::vector<float> labels = golden.floats("labels");
  const SequenceBatch batch = whole_batch(golden, labels).sequences;
  const Numbers logits = golden.numbers("eval.logits");
  const Numbers units = golden.numbers("eval.units");
  std::vector<float> got_logits(logits.size());
  std::vector<float> got_units(units.size());
  const auto net = make_network(golden.sizes(), weights);
  net->infer(batch, {.logits = got_logits.data(), .unit_outputs = got_units.data()});
  EXPECT_LE(distance(got_logits, logits), 1e-5 * norm(logits));
  EXPECT_LE(distance(got_units, units), 1e-5 * norm(units));
}

template <typename T>
PathErrors run_path(const Golden& golden, const std::string& kind,
                    const engine::OptimizerSettings& optimizer) {
  ComposedNetwork<T> net(golden.sizes(), golden.weights("init."), golden.settings(optimizer));
  return test::run_path(golden, kind, net,
                        [&](const std::string& name) { return net.tensor(name).values(); });
}

TEST_P(NetworkGolden, FiftyStepsOfSgd) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings sgd{.kind = engine::OptimizerKind::sgd,
                                      .lr = golden.json().at("path").at("sgd_lr")};
  const PathErrors exact = run_path<double>(golden, "sgd", sgd);
  EXPECT_LE(exact.loss, 1e-9);
  EXPECT_LE(exact.weights, 1e-9);
  const PathErrors single = run_path<float>(golden, "sgd", sgd);
  EXPECT_LE(single.loss, 1e-5);
  EXPECT_LE(single.weights, 1e-5);
}

TEST_P(NetworkGolden, FiftyStepsOfAdam) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings adam{.lr = golden.json().at("path").at("adam_lr")};
  EXPECT_LE(run_path<double>(golden, "adam", adam).loss, 1e-7);
  EXPECT_LE(run_path<float>(golden, "adam", adam).loss, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Cases, NetworkGolden, testing::ValuesIn(test::cases()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace explainn::model
