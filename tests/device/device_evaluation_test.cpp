// Evaluation and interpretation in the model room on a GPU, the real one or the simulated, against
// the CPU.
#include "model/device_evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/interpret/interpretation.h"
#include "model/samples.h"
#include "tests/device/small_network.h"
#include "tests/support/device.h"

namespace explainn::model {
namespace {

using test::kGpu;

class DeviceEvaluates : public test::DeviceTest {};
class DeviceInterpretation : public test::DeviceTest {};

TEST_F(DeviceEvaluates, InfersAsTheCpuDoes) {
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

TEST_F(DeviceEvaluates, LossIsThatOfTheCpuWhereverTheSamplesLie) {
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
    for (std::uint32_t row = 1; row < 36; row += 2) rows.push_back(row);
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

}  // namespace
}  // namespace explainn::model
