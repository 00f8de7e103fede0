#include "engine/tape.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/ops.h"
#include "tests/support/gradient_check.h"

namespace explainn::engine {
namespace {

using test::random_tensor;
using DoubleTape = Tape<double>;

Tensor<double> wanted(Shape shape, std::uint64_t seed) {
  auto tensor = random_tensor<double>(std::move(shape), seed);
  return tensor.want_gradient();
}

TEST(Tape, RecordsOnlyWhatIsWanted) {
  DoubleTape on, off(DoubleTape::Mode::off);
  const auto plain = random_tensor<double>({3}, 1);
  const auto parameter = wanted({3}, 2);
  EXPECT_FALSE(on.records({plain}));
  EXPECT_FALSE(on.records({plain, Tensor<double>()}));
  EXPECT_TRUE(on.records({plain, parameter}));
  EXPECT_FALSE(off.records({parameter}));
  EXPECT_FALSE(exp(on, plain).wants_gradient());
  EXPECT_TRUE(exp(on, parameter).wants_gradient());
  EXPECT_FALSE(exp(off, parameter).wants_gradient());
}

TEST(Tape, ATensorUsedTwiceGetsTheSum) {
  const auto x = random_tensor<double>({4, 4}, 1);
  const auto bias = random_tensor<double>({4}, 2);
  test::check_gradients({x, bias}, [&](DoubleTape& tape) { return linear(tape, x, x, bias); });
  test::check_gradients({x, bias}, [&](DoubleTape& tape) {
    const Tensor<double> y = linear(tape, exp(tape, x), sigmoid(tape, x), bias);
    return linear(tape, y, softmax(tape, y), bias);
  });
}

// The chain of a unit with all its steps, as the model composes it.
TEST(Tape, ADeepChain) {
  const auto x = random_tensor<double>({4, 4, 12}, 1);
  const auto w = random_tensor<double>({3, 4, 5}, 2);
  const auto w1 = random_tensor<double>({6, 4}, 3);
  const auto b1 = random_tensor<double>({6}, 4);
  BatchNorm<double> norm{.gamma = random_tensor<double>({3}, 5, 0.5, 1),
                         .beta = random_tensor<double>({3}, 6),
                         .running_mean = random_tensor<double>({3}, 7),
                         .running_var = random_tensor<double>({3}, 8, 1, 2)};
  const auto unit = [&](DoubleTape& tape) {
    const auto conv = exp(tape, batch_norm_train(tape, conv1d(tape, x, w, {}), norm));
    return flatten(tape, sigmoid(tape, unit_linear(tape, max_pool1d(tape, conv, 2, 2), w1, b1)));
  };
  test::check_gradients({x, w, norm.gamma, norm.beta, w1, b1}, unit, 1e-9);
}

TEST(Tape, BackwardFreesResultsAndForgets) {
  DoubleTape tape;
  const auto x = wanted({3, 2}, 1);
  const Tensor<double> middle = exp(tape, x);
  auto sum = test::weighted_sum(tape, sigmoid(tape, middle), test::random_values<double>(6, 2));
  tape.backward(sum);
  EXPECT_TRUE(x.has_gradient());
  EXPECT_FALSE(middle.has_gradient()) << "only leaves keep their gradient";
  EXPECT_FALSE(sum.has_gradient());
  EXPECT_THROW(tape.backward(sum), std::invalid_argument) << "the record is empty now";
}

TEST(Tape, WhatTheLossDoesNotDependOnGetsNoGradient) {
  DoubleTape tape;
  const auto x = wanted({2}, 1);
  const auto other = wanted({2}, 2);
  exp(tape, other);
  auto sum = test::weighted_sum(tape, exp(tape, x), {1, 1});
  exp(tape, other);
  tape.backward(sum);
  EXPECT_TRUE(x.has_gradient());
  EXPECT_FALSE(other.has_gradient());
}

// Each entry is gone as soon as it is used, and with it what its closure held.
TEST(Tape, FreesClosuresOnTheWay) {
  DoubleTape tape;
  auto x = wanted({1}, 1);
  const auto saved = std::make_shared<int>(0);
  Tensor<double> y({1}), z({1});
  y.values()[0] = z.values()[0] = 1;
  long holders = 0;
  tape.record(y, [&holders, &saved, x](const double* dy) {
    holders = saved.use_count();
    x.gradient_slot().put(0, *dy);
  });
  tape.record(z, [saved, y](const double* dy) { y.gradient_slot().put(0, 2 * *dy); });
  EXPECT_EQ(saved.use_count(), 2);
  tape.backward(z);
  EXPECT_EQ(holders, 1);
  EXPECT_EQ(x.gradient()[0], 2);
}

TEST(Tape, RefusesWhatIsNoLoss) {
  DoubleTape tape;
  auto x = wanted({3}, 1);
  auto y = exp(tape, x);
  EXPECT_THROW(tape.backward(y), std::invalid_argument) << "not one number";
  DoubleTape empty;
  auto one = wanted({1}, 1);
  EXPECT_THROW(empty.backward(one), std::invalid_argument);
  auto plain = random_tensor<double>({1}, 1);
  EXPECT_THROW(tape.backward(plain), std::invalid_argument);
}

TEST(Tape, ALongChainNeedsNoRecursion) {
  DoubleTape tape;
  const auto x = wanted({1}, 1);
  Tensor<double> y = x;
  for (int i = 0; i < 100000; ++i) y = relu(tape, reshape(tape, y, {1}));
  tape.backward(y);
  EXPECT_EQ(x.gradient()[0], x.values()[0] > 0 ? 1 : 0);
}

}  // namespace
}  // namespace explainn::engine
