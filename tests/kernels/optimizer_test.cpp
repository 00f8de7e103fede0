#include "kernels/optimizer/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/buffers.h"
#include "tests/support/compare.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// More than a block of the kernel, the last one short.
constexpr std::int64_t kSize = 16384 + 11;

template <typename T>
class OptimizerKernel : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(OptimizerKernel, Scalars);

TYPED_TEST(OptimizerKernel, AdamIsItsPaper) {
  using T = TypeParam;
  Guarded<T> m(std::vector<T>(kSize, T{0})), v(std::vector<T>(kSize, T{0}));
  Guarded<T> w(test::random_values<T>(kSize, 1));
  std::vector<double> em(kSize), ev(kSize), ew(w.values().begin(), w.values().end());
  for (std::int64_t step = 1; step <= 20; ++step) {
    const Input<T> g(test::random_values<T>(kSize, 100 + static_cast<std::uint64_t>(step)));
    for (std::size_t i = 0; i < em.size(); ++i) {
      const double slope = g.values()[i];
      em[i] = 0.8 * em[i] + (1 - 0.8) * slope;
      ev[i] = 0.95 * ev[i] + (1 - 0.95) * slope * slope;
      const double m_hat = em[i] / (1 - std::pow(0.8, step));
      const double v_hat = ev[i] / (1 - std::pow(0.95, step));
      ew[i] -= 0.01 * m_hat / (std::sqrt(v_hat) + 1e-3);
    }
    adam_update({.lr = 0.01, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .step = step}, kSize,
                g.data(), m.data(), v.data(), w.data());
  }
  test::expect_close(w.values(), ew, test::rounding<T>() / 2, "weight");
  test::expect_close(m.values(), em, test::rounding<T>() / 2, "m");
  test::expect_close(v.values(), ev, test::rounding<T>() / 2, "v");
}

TYPED_TEST(OptimizerKernel, FirstAdamStepIsTheRate) {
  using T = TypeParam;
  const Input<T> g({3, -0.001F, 0});
  Guarded<T> m({0, 0, 0}), v({0, 0, 0}), w({1, 1, 1});
  adam_update({.lr = 0.25, .step = 1}, 3, g.data(), m.data(), v.data(), w.data());
  // |g| / (|g| + 1e-8) of the rate, whatever the gradient's size.
  test::expect_close(w.values(), std::vector{0.75, 1.25, 1.0}, 1e-5);
  EXPECT_EQ(w[2], 1);
}

TYPED_TEST(OptimizerKernel, SgdWithMomentum) {
  using T = TypeParam;
  Guarded<T> velocity(kSize), w(test::random_values<T>(kSize, 1));
  std::vector<double> ev(kSize), ew(w.values().begin(), w.values().end());
  for (std::uint64_t step = 1; step <= 5; ++step) {
    const Input<T> g(test::random_values<T>(kSize, 200 + step));
    for (std::size_t i = 0; i < ev.size(); ++i) {
      ev[i] = 0.9 * ev[i] + static_cast<double>(g.values()[i]);
      ew[i] -= 0.01 * ev[i];
    }
    // The first step must not read what the velocity held before (poison).
    sgd_update({.lr = 0.01, .momentum = 0.9, .first_step = step == 1}, kSize, g.data(),
               velocity.data(), w.data());
  }
  test::expect_close(w.values(), ew, test::rounding<T>() / 2, "weight");
  test::expect_close(velocity.values(), ev, test::rounding<T>() / 2, "velocity");
}

TYPED_TEST(OptimizerKernel, SgdWithoutMomentumNeedsNoVelocity) {
  using T = TypeParam;
  const Input<T> g({2, -4, 0});
  Guarded<T> w({1, 1, 1}), velocity(3);
  sgd_update<T>({.lr = 0.125, .first_step = true}, 3, g.data(), nullptr, w.data());
  sgd_update<T>({.lr = 0.125, .first_step = false}, 3, g.data(), velocity.data(), w.data());
  EXPECT_EQ(w.copy(), (std::vector<T>{0.5, 2, 1}));
  for (const T value : velocity.values()) EXPECT_TRUE(std::isnan(value)) << "touched";
}

TYPED_TEST(OptimizerKernel, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const std::vector<T> g = test::random_values<T>(4 * kSize, 1);
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> w(g.size()), m(g.size()), v(g.size());
    const auto size = static_cast<std::int64_t>(g.size());
    adam_update({.lr = 0.1, .step = 3}, size, g.data(), m.data(), v.data(), w.data());
    sgd_update({.lr = 0.1, .momentum = 0.5, .first_step = false}, size, g.data(), m.data(),
               w.data());
    return w;
  });
}

}  // namespace
}  // namespace explainn::kernels
