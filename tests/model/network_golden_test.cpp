// The composed network against PyTorch in double precision (tests/golden/network).
#include <gtest/gtest.h>

#include "tests/support/composed_golden.h"

namespace explainn::model {
namespace {

using test::check_one_step;
using test::distance;
using test::Golden;
using test::norm;
using test::Numbers;
using test::PathErrors;
using test::run_composed_path;
using test::whole_batch;

class NetworkGolden : public testing::TestWithParam<std::string> {
 protected:
  Golden golden{GetParam()};
  bool two_rows() const { return golden.json().at("batch").get<int>() == 2; }
};

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

TEST_P(NetworkGolden, FiftyStepsOfSgd) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings sgd{.kind = engine::OptimizerKind::sgd,
                                      .lr = golden.json().at("path").at("sgd_lr")};
  const PathErrors exact = run_composed_path<double>(golden, "sgd", sgd);
  EXPECT_LE(exact.loss, 1e-9);
  EXPECT_LE(exact.weights, 1e-9);
  const PathErrors single = run_composed_path<float>(golden, "sgd", sgd);
  EXPECT_LE(single.loss, 1e-5);
  EXPECT_LE(single.weights, 1e-5);
}

TEST_P(NetworkGolden, FiftyStepsOfAdam) {
  if (!golden.has("path.index")) return;
  const engine::OptimizerSettings adam{.lr = golden.json().at("path").at("adam_lr")};
  EXPECT_LE(run_composed_path<double>(golden, "adam", adam).loss, 1e-7);
  EXPECT_LE(run_composed_path<float>(golden, "adam", adam).loss, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Cases, NetworkGolden, testing::ValuesIn(test::cases()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace explainn::model
