// The composed network, on any device, against the golden files of whole networks.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <type_traits>

#include "model/composed_network.h"
#include "tests/support/network_golden.h"

namespace explainn::model::test {

/// Outputs, gradients and running statistics of one step. Per gradient tensor
/// |g - g64| <= tol * max(|g64|, 1e-3 G), G the largest norm of the step.
template <typename T>
void check_one_step(const Golden& golden, double tolerance, Device device = {}) {
  ComposedNetwork<T> net(golden.sizes(), golden.weights("init."), golden.settings(), device);
  const std::vector<float> labels = golden.floats("labels");
  const TrainingBatch batch = whole_batch(golden, labels);

  engine::Tape<T> tape;
  const auto outputs = net.forward(
      tape, one_hot<T>(batch.sequences, golden.sizes().input_length, device), batch.step);
  const Numbers logits = golden.numbers("train.logits");
  const Numbers units = golden.numbers("train.units");
  EXPECT_LE(distance(outputs.logits.host_values(), logits), tolerance * norm(logits));
  EXPECT_LE(distance(outputs.unit_outputs.host_values(), units), tolerance * norm(units));

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
      EXPECT_LE(distance(tensor.host_values(), expected), tolerance * norm(expected)) << spec.name;
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
    const double error = distance(tensor.host_gradient(), expected);
    EXPECT_LE(error, allowed) << spec.name << ": " << error / allowed << " of the tolerance";
  }
}

/// The golden path `kind`, trained on `device`.
template <typename T>
PathErrors run_composed_path(const Golden& golden, const std::string& kind,
                             const engine::OptimizerSettings& optimizer, Device device = {}) {
  ComposedNetwork<T> net(golden.sizes(), golden.weights("init."), golden.settings(optimizer),
                         device);
  return run_path(golden, kind, net,
                  [&](const std::string& name) { return net.tensor(name).host_values(); });
}

}  // namespace explainn::model::test
