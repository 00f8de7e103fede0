// Training by the fused unit pass against PyTorch in double precision (tests/golden/network).
#include "model/fused_training.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/network_golden.h"

namespace explainn::model {
namespace {

using engine::HiddenPath;
using test::cancels;
using test::distance;
using test::Golden;
using test::norm;
using test::Numbers;
using test::PathErrors;
using test::whole_batch;

class FusedTrainingGolden : public testing::TestWithParam<std::string> {
 protected:
  Golden golden{GetParam()};
  bool two_rows() const { return golden.json().at("batch").get<int>() == 2; }
  std::vector<HiddenPath> paths() const {
    if (golden.sizes().num_fc == 2) return {HiddenPath::masked, HiddenPath::dense};
    return {HiddenPath::dense};
  }
};

// Per gradient tensor |g - g64| <= tol * max(|g64|, 1e-3 G), G the largest norm of the step.
template <typename T>
void check_one_step(const Golden& golden, HiddenPath path, double tolerance,
                    std::int64_t pooled_bytes = std::int64_t{1} << 30) {
  SCOPED_TRACE(path == HiddenPath::masked ? "masked" : "dense");
  FusedTraining<T> net(golden.sizes(), golden.weights("init."), golden.settings(),
                       {.path = path, .pooled_bytes = pooled_bytes});
  const std::vector<float> labels = golden.floats("labels");
  const auto got = net.gradients(whole_batch(golden, labels));
  const Numbers logits = golden.numbers("train.logits");
  const Numbers units = golden.numbers("train.units");
  EXPECT_LE(distance(got.logits, logits), tolerance * norm(logits));
  EXPECT_LE(distance(got.unit_outputs, units), tolerance * norm(units));
  EXPECT_NEAR(got.loss.mean(), golden.number("train.loss"),
              tolerance * golden.number("train.loss"));

  const std::vector<TensorSpec> specs = tensor_specs(golden.sizes());
  double largest = 0;
  for (const TensorSpec& spec : specs) {
    if (spec.trained()) largest = std::max(largest, norm(golden.numbers("grad." + spec.name)));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string& name = specs[i].name;
    if (!specs[i].trained()) {
      const Numbers expected = golden.numbers("after." + name);
      EXPECT_LE(distance(net.values_of(name), expected), tolerance * norm(expected)) << name;
      continue;
    }
    if (specs[i].role == TensorRole::idle_bias) {
      EXPECT_TRUE(got.values[i].empty()) << name;
      continue;
    }
    const Numbers expected = golden.numbers("grad." + name);
    double allowed = tolerance * std::max(norm(expected), 1e-3 * largest);
    if (std::is_same_v<T, float> && cancels(golden, name)) {
      allowed = std::max(allowed, 1e-6 * largest);
    }
    const double error = distance(got.values[i], expected);
    EXPECT_LE(error, allowed) << name << ": " << error / allowed << " of the tolerance";
  }
}

TEST_P(FusedTrainingGolden, OneStepInDouble) {
  for (const HiddenPath path : paths()) {
    check_one_step<double>(golden, path, two_rows() ? 1e-9 : 1e-11);
  }
}

TEST_P(FusedTrainingGolden, OneStepInFloat) {
  if (two_rows()) return;
  for (const HiddenPath path : paths()) check_one_step<float>(golden, path, 1e-5);
}

// Too little memory for the pooled values of all units: groups, computed twice.
TEST_P(FusedTrainingGolden, OneStepInGroups) {
  for (const HiddenPath path : paths()) {
    check_one_step<double>(golden, path, two_rows() ? 1e-9 : 1e-11, 1);
  }
}

template <typename T>
PathErrors run_path(const Golden& golden, const std::string& kind, HiddenPath path,
                    const engine::OptimizerSettings& optimizer) {
  FusedTraining<T> net(golden.sizes(), golden.weights("init."), golden.settings(optimizer),
                       {.path = path});
  return test::run_path(golden, kind, net,
                        [&](const std::string& name) { return net.values_of(name); });
}

TEST_P(FusedTrainingGolden, FiftyStepsOfSgd) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings sgd{.kind = engine::OptimizerKind::sgd,
                                      .lr = golden.json().at("path").at("sgd_lr")};
  for (const HiddenPath path : paths()) {
    const PathErrors exact = run_path<double>(golden, "sgd", path, sgd);
    EXPECT_LE(exact.loss, 1e-9);
    EXPECT_LE(exact.weights, 1e-9);
    const PathErrors single = run_path<float>(golden, "sgd", path, sgd);
    EXPECT_LE(single.loss, 1e-5);
    EXPECT_LE(single.weights, 1e-5);
  }
}

TEST_P(FusedTrainingGolden, FiftyStepsOfAdam) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings adam{.lr = golden.json().at("path").at("adam_lr")};
  for (const HiddenPath path : paths()) {
    EXPECT_LE(run_path<double>(golden, "adam", path, adam).loss, 1e-7);
    EXPECT_LE(run_path<float>(golden, "adam", path, adam).loss, 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, FusedTrainingGolden, testing::ValuesIn(test::cases()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace explainn::model
