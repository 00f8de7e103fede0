#include "engine/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using Numbers = std::vector<double>;
using Parameters = std::vector<Tensor<double>>;

// Parameters of different sizes.
Parameters make_parameters() {
  Parameters parameters = {test::random_tensor<double>({3, 2}, 1),
                           test::random_tensor<double>({5}, 2)};
  for (auto& parameter : parameters) parameter.want_gradient();
  return parameters;
}

// All numbers in a row.
Numbers numbers_of(const Parameters& parameters) {
  Numbers all;
  for (const auto& p : parameters) all.insert(all.end(), p.values().begin(), p.values().end());
  return all;
}

// Adds the 11 numbers of `gradient` to the parameters' gradients.
void give(const Parameters& parameters, const Numbers& gradient) {
  std::size_t next = 0;
  for (const auto& parameter : parameters) {
    const kernels::Gradient<double> slot = parameter.gradient_slot();
    for (std::int64_t i = 0; i < parameter.size(); ++i) slot.put(i, gradient[next++]);
  }
}

Numbers gradient_of_step(std::uint64_t step) {
  return test::random_values<double>(11, 50 + step);
}

TEST(Optimizer, Adam) {
  Parameters parameters = make_parameters();
  Numbers w = numbers_of(parameters), m(11), v(11);
  Optimizer<double> optimizer({.lr = 0.02}, parameters);
  for (std::uint64_t step = 1; step <= 30; ++step) {
    const Numbers g = gradient_of_step(step);
    for (std::size_t i = 0; i < 11; ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      const auto t = static_cast<double>(step);
      w[i] -= 0.02 * (m[i] / (1 - std::pow(0.9, t))) /
              (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
    }
    give(parameters, g);
    optimizer.step();
    for (const auto& parameter : parameters) EXPECT_FALSE(parameter.has_gradient());
    EXPECT_EQ(optimizer.steps(), static_cast<std::int64_t>(step));
  }
  test::expect_close(numbers_of(parameters), w, 1e-13);
  ASSERT_EQ(optimizer.state().size(), 4U);
  test::expect_close(numbers_of({optimizer.state()[0], optimizer.state()[1]}), m, 1e-13, "m");
  test::expect_close(numbers_of({optimizer.state()[2], optimizer.state()[3]}), v, 1e-13, "v");
}

TEST(Optimizer, SgdWithAndWithoutMomentum) {
  for (const double momentum : {0.0, 0.9}) {
    Parameters parameters = make_parameters();
    Numbers w = numbers_of(parameters), velocity(11);
    Optimizer<double> optimizer({.kind = OptimizerKind::sgd, .lr = 0.1, .momentum = momentum},
                                parameters);
    EXPECT_EQ(optimizer.state().size(), momentum == 0 ? 0U : 2U);
    for (std::uint64_t step = 1; step <= 10; ++step) {
      const Numbers g = gradient_of_step(step);
      for (std::size_t i = 0; i < 11; ++i) {
        velocity[i] = momentum * velocity[i] + g[i];
        w[i] -= 0.1 * velocity[i];
      }
      give(parameters, g);
      optimizer.step();
    }
    test::expect_close(numbers_of(parameters), w, 1e-14);
  }
}

TEST(Optimizer, GradientsOfSeveralBackwardPassesAddUp) {
  Parameters parameters = make_parameters();
  Numbers w = numbers_of(parameters);
  Optimizer<double> optimizer({.kind = OptimizerKind::sgd, .lr = 1}, parameters);
  give(parameters, gradient_of_step(1));
  give(parameters, gradient_of_step(2));
  optimizer.step();
  for (std::size_t i = 0; i < 11; ++i) w[i] -= gradient_of_step(1)[i] + gradient_of_step(2)[i];
  test::expect_close(numbers_of(parameters), w, 1e-15);
}

TEST(Optimizer, NoGradientIsGradientZero) {
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::sgd}) {
    const OptimizerSettings settings{.kind = kind, .lr = 0.1, .momentum = 0.5};
    Parameters none = make_parameters(), zero = make_parameters();
    Optimizer<double> a(settings, none), b(settings, zero);
    for (int step = 0; step < 3; ++step) {
      if (step == 1) give(none, gradient_of_step(1));
      give(zero, step == 1 ? gradient_of_step(1) : Numbers(11, 0));
      a.step();
      b.step();
    }
    EXPECT_EQ(numbers_of(none), numbers_of(zero));
    EXPECT_NE(numbers_of(none), numbers_of(make_parameters()));
  }
}

// A parameter that wants no gradient is frozen.
TEST(Optimizer, LeavesFrozenParametersAlone) {
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::sgd}) {
    Parameters parameters = make_parameters();
    parameters[0].want_gradient(false);
    Optimizer<double> optimizer({.kind = kind, .lr = 0.1, .momentum = 0.5}, parameters);
    give({parameters[1]}, Numbers(5, 1));
    optimizer.step();
    EXPECT_EQ(numbers_of({parameters[0]}), numbers_of({make_parameters()[0]}));
    EXPECT_NE(numbers_of({parameters[1]}), numbers_of({make_parameters()[1]}));
  }
}

TEST(Optimizer, ContinuesFromItsState) {
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::sgd}) {
    const OptimizerSettings settings{.kind = kind, .lr = 0.1, .momentum = 0.5};
    Parameters whole = make_parameters();
    Optimizer<double> straight(settings, whole);
    for (std::uint64_t step = 1; step <= 6; ++step) {
      give(whole, gradient_of_step(step));
      straight.step();
    }
    Parameters parts = make_parameters();
    Optimizer<double> first(settings, parts), second(settings, parts);
    for (std::uint64_t step = 1; step <= 6; ++step) {
      if (step == 4) {
        second.set_steps(first.steps());
        for (std::size_t i = 0; i < first.state().size(); ++i) {
          const auto kept = first.state()[i].values();
          std::copy(kept.begin(), kept.end(), second.state()[i].data());
        }
      }
      give(parts, gradient_of_step(step));
      (step < 4 ? first : second).step();
    }
    EXPECT_EQ(numbers_of(parts), numbers_of(whole)) << "to the bit";
  }
}

}  // namespace
}  // namespace explainn::engine
