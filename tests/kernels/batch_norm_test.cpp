#include "kernels/batch_norm/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// 64 channels are done together: below, at and above; inner sizes that four does and does not
// divide.
const BatchNormParams kCases[] = {
    {.batch = 3, .channels = 5, .inner = 7},
    {.batch = 2, .channels = 1, .inner = 1},
    {.batch = 1, .channels = 2, .inner = 2},
    {.batch = 9, .channels = 64, .inner = 1},
    {.batch = 4, .channels = 131, .inner = 13},
    {.batch = 50, .channels = 3, .inner = 182},
    {.batch = 5, .channels = 2, .inner = 4, .eps = 1e-3, .momentum = 0.25},
};

// The textbook's formulas, one value at a time in double.
template <typename T>
struct Norm {
  explicit Norm(const BatchNormParams& params, double centre = 0.5)
      : p(params),
        x(test::random_values<T>(p.batch * p.channels * p.inner, 1, centre - 1, centre + 1)),
        dy(test::random_values<T>(p.batch * p.channels * p.inner, 2)),
        gamma(test::random_values<T>(p.channels, 3, -2, 2)),
        beta(test::random_values<T>(p.channels, 4)),
        old_mean(test::random_values<T>(p.channels, 5)),
        old_var(test::random_values<T>(p.channels, 6, 0.1, 3)) {
    y.resize(x.values().size());
    y_eval.resize(x.values().size());
    dx.resize(x.values().size());
    for (std::int64_t c = 0; c < p.channels; ++c) channel(c);
  }

  // Calls visit(index) for all values of channel c.
  template <typename Visit>
  void for_each(std::int64_t c, const Visit& visit) const {
    for (std::int64_t b = 0; b < p.batch; ++b) {
      for (std::int64_t i = 0; i < p.inner; ++i) visit((b * p.channels + c) * p.inner + i);
    }
  }

  void channel(std::int64_t c) {
    const auto n = static_cast<double>(p.batch * p.inner);
    double m = 0, v = 0, sum_dy = 0, sum_dyx = 0;
    for_each(c, [&](std::int64_t i) { m += static_cast<double>(x[i]) / n; });
    for_each(c, [&](std::int64_t i) { v += (x[i] - m) * (x[i] - m) / n; });
    const double s = std::sqrt(v + p.eps);
    for_each(c, [&](std::int64_t i) {
      sum_dy += static_cast<double>(dy[i]);
      sum_dyx += dy[i] * ((x[i] - m) / s);
    });
    for_each(c, [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      const double normal = (x[i] - m) / s;
      y[at] = gamma[c] * normal + beta[c];
      y_eval[at] =
          gamma[c] * (static_cast<double>(x[i]) - old_mean[c]) / std::sqrt(old_var[c] + p.eps) +
          beta[c];
      dx[at] = gamma[c] / s * (dy[i] - sum_dy / n - normal * sum_dyx / n);
    });
    mean.push_back(m);
    inv_std.push_back(1 / s);
    new_mean.push_back((1 - p.momentum) * old_mean[c] + p.momentum * m);
    new_var.push_back((1 - p.momentum) * old_var[c] + p.momentum * v * n / (n - 1));
    dgamma.push_back(sum_dyx);
    dbeta.push_back(sum_dy);
  }

  void backward(Gradient<T> into_x, Gradient<T> into_gamma, Gradient<T> into_beta) const {
    batch_norm_backward(p, x.data(), dy.data(), gamma.data(), mean.data(), inv_std.data(), into_x,
                        into_gamma, into_beta);
  }

  BatchNormParams p;
  Input<T> x, dy, gamma, beta, old_mean, old_var;
  std::vector<double> y, y_eval, dx, mean, inv_std, new_mean, new_var, dgamma, dbeta;
};

template <typename T>
class BatchNorm : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(BatchNorm, Scalars);

TYPED_TEST(BatchNorm, TrainAndEval) {
  using T = TypeParam;
  for (const BatchNormParams& p : kCases) {
    const Norm<T> norm(p);
    Guarded<T> y(p.batch * p.channels * p.inner), y_eval(p.batch * p.channels * p.inner);
    Guarded<double> mean(p.channels), inv_std(p.channels);
    const auto old_mean = norm.old_mean.values();
    const auto old_var = norm.old_var.values();
    Guarded<T> running_mean(std::vector<T>(old_mean.begin(), old_mean.end()));
    Guarded<T> running_var(std::vector<T>(old_var.begin(), old_var.end()));
    batch_norm_train(p, norm.x.data(), norm.gamma.data(), norm.beta.data(), y.data(), mean.data(),
                     inv_std.data(), running_mean.data(), running_var.data());
    batch_norm_eval(p, norm.x.data(), norm.gamma.data(), norm.beta.data(), norm.old_mean.data(),
                    norm.old_var.data(), y_eval.data());
    test::expect_close(y.values(), norm.y, test::rounding<T>(), "y");
    test::expect_close(y_eval.values(), norm.y_eval, test::rounding<T>(), "y in evaluation");
    test::expect_close(mean.values(), norm.mean, 1e-13, "mean");
    test::expect_close(inv_std.values(), norm.inv_std, 1e-13, "1 / standard deviation");
    test::expect_close(running_mean.values(), norm.new_mean, test::rounding<T>(), "running mean");
    test::expect_close(running_var.values(), norm.new_var, test::rounding<T>(), "running variance");

    Guarded<T> again(p.batch * p.channels * p.inner);
    batch_norm_train<T>(p, norm.x.data(), norm.gamma.data(), norm.beta.data(), again.data(),
                        mean.data(), inv_std.data(), nullptr, nullptr);
    EXPECT_TRUE(test::same_bits<T>(again.values(), y.values()));
  }
}

TYPED_TEST(BatchNorm, Backward) {
  using T = TypeParam;
  for (const BatchNormParams& p : kCases) {
    const Norm<T> norm(p);
    test::expect_gradient<T>(norm.dx, test::rounding<T>(), "dx",
                             [&](Gradient<T> dx) { norm.backward(dx, {}, {}); });
    test::expect_gradient<T>(norm.dgamma, test::rounding<T>(), "dgamma",
                             [&](Gradient<T> dgamma) { norm.backward({}, dgamma, {}); });
    test::expect_gradient<T>(norm.dbeta, test::rounding<T>(), "dbeta",
                             [&](Gradient<T> dbeta) { norm.backward({}, {}, dbeta); });
    Guarded<T> dx(p.batch * p.channels * p.inner), dgamma(p.channels), dbeta(p.channels);
    norm.backward({dx.data()}, {dgamma.data()}, {dbeta.data()});
    test::expect_close(dx.values(), norm.dx, test::rounding<T>(), "dx of all three");
    test::expect_close(dgamma.values(), norm.dgamma, test::rounding<T>(), "dgamma of all three");
    test::expect_close(dbeta.values(), norm.dbeta, test::rounding<T>(), "dbeta of all three");
    norm.backward({}, {}, {});
  }
}

// A mean a thousand times the spread: sums of squares in float, or a mean rounded to float, would
// lose digits here.
TYPED_TEST(BatchNorm, KeepsItsDigitsFarFromZero) {
  using T = TypeParam;
  const Norm<T> norm(kCases[5], 1000);
  Guarded<T> y(static_cast<std::int64_t>(norm.y.size()));
  Guarded<double> mean(3), inv_std(3);
  batch_norm_train<T>(norm.p, norm.x.data(), norm.gamma.data(), norm.beta.data(), y.data(),
                      mean.data(), inv_std.data(), nullptr, nullptr);
  const double tolerance = std::is_same_v<T, float> ? 2e-6 : 1e-11;
  test::expect_close(y.values(), norm.y, tolerance);
  test::expect_gradient<T>(norm.dx, tolerance, "dx",
                           [&](Gradient<T> dx) { norm.backward(dx, {}, {}); });
}

TYPED_TEST(BatchNorm, AConstantChannelIsItsBeta) {
  using T = TypeParam;
  const BatchNormParams p{.batch = 3, .channels = 1, .inner = 2};
  const Input<T> x(std::vector<T>(6, T{0.1F})), gamma({2}), beta({-0.75});
  Guarded<T> y(6);
  Guarded<double> mean(1), inv_std(1);
  batch_norm_train<T>(p, x.data(), gamma.data(), beta.data(), y.data(), mean.data(), inv_std.data(),
                      nullptr, nullptr);
  test::expect_close(y.values(), std::vector<double>(6, -0.75), test::rounding<T>());
  EXPECT_NEAR(inv_std[0], 1 / std::sqrt(1e-5), 1e-6);
}

TYPED_TEST(BatchNorm, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const Norm<T> norm(kCases[4]);
  const std::size_t size = norm.y.size();
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> all(2 * size + 4 * 131, T{1});
    std::vector<double> mean(131), inv_std(131);
    T* const small = all.data() + 2 * size;
    batch_norm_train(norm.p, norm.x.data(), norm.gamma.data(), norm.beta.data(), all.data(),
                     mean.data(), inv_std.data(), small, small + 131);
    norm.backward({all.data() + size}, {small + 2 * 131}, {small + 3 * 131});
    return all;
  });
}

}  // namespace
}  // namespace explainn::kernels
