#include "kernels/loss/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support/buffers.h"
#include "tests/support/compare.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;
using Row = std::vector<double>;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kRows = 7;
constexpr std::int64_t kTasks = 5;
constexpr LossKind kAllKinds[] = {LossKind::bce_with_logits, LossKind::cross_entropy, LossKind::mse,
                                  LossKind::pearson, LossKind::poisson_nll};

// The definitions, as naively as possible and in long double. Adds the terms of one row.
using Definition = std::function<void(const Row& x, const Row& y, LossSum& total)>;

Definition entrywise(const std::function<long double(long double, long double)>& term) {
  return [term](const Row& x, const Row& y, LossSum& total) {
    for (std::size_t t = 0; t < x.size(); ++t) {
      if (!std::isnan(y[t])) total += {static_cast<double>(term(x[t], y[t])), 1};
    }
  };
}

void cross_entropy_row(const Row& x, const Row& y, LossSum& total) {
  if (std::isnan(y[0])) return;
  long double sum = 0;
  for (const long double value : x) sum += std::exp(value);
  const long double probability = std::exp(static_cast<long double>(x[std::size_t(y[0])])) / sum;
  total += {static_cast<double>(-std::log(probability)), 1};
}

void pearson_row(const Row& x, const Row& y, LossSum& total) {
  std::vector<long double> a, b;
  bool constant = true;
  for (std::size_t t = 0; t < x.size(); ++t) {
    if (std::isnan(y[t])) continue;
    a.push_back(x[t]);
    b.push_back(y[t]);
    constant = constant && b.back() == b.front();
  }
  if (constant) return;
  long double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / static_cast<long double>(a.size());
    mean_b += b[i] / static_cast<long double>(b.size());
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  const long double norms = std::max(std::sqrt(aa), 1e-6L) * std::max(std::sqrt(bb), 1e-6L);
  total += {static_cast<double>(1 - ab / norms), 1};
}

Definition definition(LossKind kind) {
  switch (kind) {
    case LossKind::bce_with_logits:
      return entrywise([](long double x, long double y) {
        return -y * std::log(1 / (1 + std::exp(-x))) - (1 - y) * std::log(1 / (1 + std::exp(x)));
      });
    case LossKind::mse:
      return entrywise([](long double x, long double y) { return (x - y) * (x - y); });
    case LossKind::poisson_nll:
      return entrywise([](long double x, long double y) { return std::exp(x) - y * x; });
    case LossKind::cross_entropy:
      return cross_entropy_row;
    case LossKind::pearson:
      return pearson_row;
  }
  return {};
}

LossSum brute_force(const LossParams& p, const Row& x, const Row& y) {
  LossSum total;
  const std::int64_t columns = p.label_columns();
  for (std::int64_t row = 0; row < p.rows; ++row) {
    definition(p.kind)(Row(x.begin() + row * p.tasks, x.begin() + (row + 1) * p.tasks),
                       Row(y.begin() + row * columns, y.begin() + (row + 1) * columns), total);
  }
  return total;
}

// Labels that suit the kind. Some are missing; a row has none, one has one, one is constant.
Row labels(LossKind kind) {
  if (kind == LossKind::cross_entropy) return {0, 4, kMissing, 2, 2, kMissing, 3};
  Row y = test::random_values<double>(kRows * kTasks, 3, 0, 1);
  for (std::size_t i = 0; i < y.size(); i += 4) y[i] = kMissing;
  if (kind == LossKind::bce_with_logits) {
    for (std::size_t i = 1; i < y.size(); i += 2) y[i] = std::round(y[i]);
  }
  if (kind == LossKind::poisson_nll) {
    for (double& value : y) value = std::floor(20 * value);
  }
  std::fill_n(y.begin() + 5, 5, kMissing);
  std::fill_n(y.begin() + 11, 4, kMissing);
  std::fill_n(y.begin() + 15, 5, 1.0);
  return y;
}

template <typename T>
std::vector<T> as(const Row& values) {
  return {values.begin(), values.end()};
}

// Central differences of the mean loss by the naive definition, fourth order.
Row slopes(const LossParams& p, Row x, const Row& y) {
  Row result;
  for (double& element : x) {
    const double middle = element;
    const auto f = [&](double offset) {
      element = middle + offset;
      return brute_force(p, x, y).mean();
    };
    result.push_back((8 * (f(1e-3) - f(-1e-3)) - (f(2e-3) - f(-2e-3))) / 12e-3);
    element = middle;
  }
  return result;
}

template <typename T>
class Loss : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Loss, Scalars);

TYPED_TEST(Loss, IsItsDefinition) {
  using T = TypeParam;
  const double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-10;
  for (const LossKind kind : kAllKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    const LossParams p{.kind = kind, .rows = kRows, .tasks = kTasks};
    const Row x = test::random_values<double>(kRows * kTasks, 2, -3, 3);
    // What the kernel sees, rounded to its type.
    const Input<T> output(as<T>(x)), label(as<T>(labels(kind)));
    const Row y(label.values().begin(), label.values().end());
    Guarded<T> gradient(kRows * kTasks);
    const LossSum total = loss_and_gradient(p, output.data(), label.data(), gradient.data());
    const LossSum expected = brute_force(p, x, y);
    EXPECT_EQ(total.count, expected.count);
    EXPECT_GT(total.count, 0);
    test::expect_close(std::vector{total.sum}, std::vector{expected.sum}, 1e-12, "sum");
    test::expect_close(gradient.values(), slopes(p, x, y), tolerance, "gradient");
    const LossSum alone = loss_and_gradient<T>(p, output.data(), label.data(), nullptr);
    EXPECT_EQ(alone.sum, total.sum);
    EXPECT_EQ(alone.count, total.count);
  }
}

TYPED_TEST(Loss, NothingResolvedIsNothingToLearn) {
  using T = TypeParam;
  for (const LossKind kind : kAllKinds) {
    const LossParams p{.kind = kind, .rows = 2, .tasks = 3};
    const Input<T> x(test::random_values<T>(6, 1));
    const Input<T> y(std::vector<T>(static_cast<std::size_t>(2 * p.label_columns()),
                                    std::numeric_limits<T>::quiet_NaN()));
    Guarded<T> gradient(6);
    const LossSum total = loss_and_gradient(p, x.data(), y.data(), gradient.data());
    EXPECT_EQ(total.sum, 0);
    EXPECT_EQ(total.count, 0);
    EXPECT_EQ(gradient.copy(), std::vector<T>(6, T{0}));
  }
}

TYPED_TEST(Loss, LargeOutputsDoNotOverflow) {
  using T = TypeParam;
  const Input<T> x({10000, -10000, 10000, -10000}), y({1, 0, 0, 1});
  Guarded<T> gradient(4);
  const LossSum bce = loss_and_gradient({.kind = LossKind::bce_with_logits, .rows = 2, .tasks = 2},
                                        x.data(), y.data(), gradient.data());
  EXPECT_EQ(bce.sum, 20000);
  EXPECT_EQ(gradient.copy(), (std::vector<T>{0, 0, 0.25, -0.25}));
  const LossSum classes =
      loss_and_gradient({.kind = LossKind::cross_entropy, .rows = 2, .tasks = 2}, x.data(),
                        y.data(), gradient.data());
  EXPECT_EQ(classes.sum, 20000);
  EXPECT_EQ(gradient.copy(), (std::vector<T>{0.5, -0.5, 0, 0}));
}

// Outputs that are all equal have no direction: norms count as 1e-6, so r is 0 and the slope is
// -(y - mean y) / (1e-6 |y - mean y|).
TYPED_TEST(Loss, PearsonOfConstantOutputs) {
  using T = TypeParam;
  const Input<T> x({0.5, 0.5, 0.5}), y({-3, 0, 3});
  Guarded<T> gradient(3);
  const LossSum total = loss_and_gradient({.kind = LossKind::pearson, .rows = 1, .tasks = 3},
                                          x.data(), y.data(), gradient.data());
  EXPECT_EQ(total.sum, 1);
  EXPECT_EQ(total.count, 1);
  const double slope = 1e6 / std::sqrt(2);
  test::expect_close(gradient.values(), Row{slope, 0, -slope}, test::rounding<T>());
}

TEST(LossSum, AddsUp) {
  LossSum total{.sum = 3, .count = 2};
  total += {.sum = 2, .count = 3};
  EXPECT_EQ(total.mean(), 1);
  EXPECT_TRUE(std::isnan(LossSum{}.mean()));
}

}  // namespace
}  // namespace explainn::kernels
