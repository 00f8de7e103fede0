// Gradients of an operation against finite differences, in double.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "engine/tape.h"
#include "engine/tensor.h"
#include "tests/support/buffers.h"
#include "tests/support/compare.h"

namespace explainn::test {

using Inputs = std::vector<engine::Tensor<double>>;
/// An operation on inputs that lie captured: records itself on the tape and returns its result.
using Operation = std::function<engine::Tensor<double>(engine::Tape<double>&)>;

/// The scalar sum(weights * y), recorded on the tape.
inline engine::Tensor<double> weighted_sum(engine::Tape<double>& tape,
                                           const engine::Tensor<double>& y,
                                           const std::vector<double>& weights) {
  engine::Tensor<double> sum(engine::Shape{});
  *sum.data() = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) *sum.data() += weights[i] * y.values()[i];
  if (tape.records({y})) {
    tape.record(sum, [y, weights](const double* dsum) {
      const kernels::Gradient<double> slot = y.gradient_slot();
      for (std::size_t i = 0; slot && i < weights.size(); ++i) {
        slot.put(static_cast<std::int64_t>(i), weights[i] * *dsum);
      }
    });
  }
  return sum;
}

/// What finite differences say about d(weighted sum) / d(input): the central formula with four
/// points, (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h. Its error is h^4 / 30 times the fifth
/// derivative; with h = 1e-3 that and the rounding of f stay near 1e-12. Values must lie more than
/// 2e-3 away from a kink.
inline std::vector<double> finite_differences(engine::Tensor<double>& input,
                                              const Operation& operation,
                                              const std::vector<double>& weights) {
  constexpr double kStep = 1e-3;
  std::vector<double> slopes;
  for (double& element : input.values()) {
    const double middle = element;
    const auto f = [&](double steps) {
      engine::Tape<double> off(engine::Tape<double>::Mode::off);
      element = middle + steps * kStep;
      return *weighted_sum(off, operation(off), weights).data();
    };
    slopes.push_back((8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * kStep));
    element = middle;
  }
  return slopes;
}

/// Runs the operation backwards `times` times without forgetting gradients in between.
inline void run_backward(const Operation& operation, const std::vector<double>& weights,
                         int times) {
  for (int i = 0; i < times; ++i) {
    engine::Tape<double> tape;
    engine::Tensor<double> sum = weighted_sum(tape, operation(tape), weights);
    tape.backward(sum);
  }
}

/// Checks the gradient of `operation` with respect to every element of every input, with a random
/// upstream gradient: all inputs wanted together (twice, so that the second gradient is added to
/// the first), then each one alone (the others must get none). Inputs must keep their values.
/// Returns the largest used fraction of `tolerance`, which is relative to an input's largest
/// gradient (at least 1).
inline double check_gradients(Inputs inputs, const Operation& operation, double tolerance = 1e-10) {
  engine::Tape<double> off(engine::Tape<double>::Mode::off);
  const std::vector<double> weights = random_values<double>(operation(off).size(), 4711);
  double used = 0;
  std::vector<std::vector<double>> slopes;
  std::vector<std::vector<double>> values;
  for (engine::Tensor<double>& input : inputs) {
    slopes.push_back(finite_differences(input, operation, weights));
    values.emplace_back(input.values().begin(), input.values().end());
  }
  for (std::size_t alone = 0; alone <= inputs.size(); ++alone) {
    const bool together = alone == inputs.size();
    const int times = together ? 2 : 1;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      inputs[i].want_gradient(together || i == alone).clear_gradient();
    }
    run_backward(operation, weights, times);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::string name = "gradient of input " + std::to_string(i);
      EXPECT_TRUE(same_bits<double>(inputs[i].values(), values[i])) << "changed input " << i;
      EXPECT_EQ(inputs[i].has_gradient(), inputs[i].wants_gradient()) << name;
      if (!inputs[i].has_gradient()) continue;
      std::vector<double> expected = slopes[i];
      for (double& slope : expected) slope *= times;
      used = std::max(used, expect_close(inputs[i].gradient(), expected, tolerance, name));
    }
  }
  return used;
}

/// A tensor of random numbers in [low, high).
template <typename T>
engine::Tensor<T> random_tensor(engine::Shape shape, std::uint64_t seed, double low = -1,
                                double high = 1) {
  const std::vector<T> values = random_values<T>(shape.size(), seed, low, high);
  return engine::Tensor<T>::from(values, std::move(shape));
}

}  // namespace explainn::test
