#include "kernels/dropout/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/base/philox.h"
#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;
using Mask = std::vector<std::uint8_t>;

constexpr DropoutParams kParams{.probability = 0.3, .seed = 9, .step = 5, .stream = 2};

Mask mask(const DropoutParams& p, std::int64_t size) {
  Guarded<std::uint8_t> kept(size);
  dropout_mask(p, size, kept.data());
  return kept.copy();
}

double correlation(const Mask& a, const Mask& b, double keep) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) sum += (a[i] - keep) * (b[i] - keep);
  return sum / (keep * (1 - keep) * static_cast<double>(std::min(a.size(), b.size())));
}

// The definition that other programs and devices rely on, spelled out number by number.
TEST(DropoutMask, FollowsTheHashOfTheElementsNumber) {
  const Mask kept = mask(kParams, 200001);
  const PhiloxBlock keys = philox(9, 0, 5, 2);
  int edge_cases = 0;
  for (std::size_t e = 0; e < kept.size(); ++e) {
    std::uint64_t word = e / 2 ^ keys[0];
    word = (word ^ word / 65536) * 2146121005U % 4294967296U;
    word = (word ^ word / 32768 ^ keys[1]) * 2221713035U % 4294967296U;
    word ^= word / 65536;
    const std::uint64_t number = e % 2 == 0 ? word % 65536 : word / 65536;
    // 0.3 * 65536 = 19660.8.
    ASSERT_EQ(kept[e], number >= 19661 ? 1 : 0) << "element " << e;
    edge_cases += number == 19660 || number == 19661;
  }
  EXPECT_GT(edge_cases, 1);
}

TEST(DropoutMask, SizeDoesNotMatter) {
  const Mask whole = mask(kParams, 40000);
  for (const std::int64_t size : {0, 1, 7, 8, 9, 16384, 16385, 32771}) {
    const Mask part = mask(kParams, size);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << size;
  }
}

TEST(DropoutMask, KeepsTheWantedShare) {
  constexpr std::int64_t kSize = 1000000;
  for (const double probability : {0.1, 0.3, 0.5, 0.9}) {
    DropoutParams p = kParams;
    p.probability = probability;
    double kept = 0;
    for (const std::uint8_t bit : mask(p, kSize)) kept += bit;
    // Five standard errors, and the rounding of the probability to 1/65536.
    const double error = 5 * std::sqrt(probability * (1 - probability) / kSize) + 0.5 / 65536;
    EXPECT_NEAR(kept / kSize, 1 - probability, error);
  }
  DropoutParams none = kParams;
  none.probability = 0;
  EXPECT_EQ(mask(none, 1000), Mask(1000, 1));
}

TEST(DropoutMask, DecisionsAreIndependent) {
  constexpr std::int64_t kSize = 200000;
  const Mask reference = mask(kParams, kSize);
  EXPECT_EQ(mask(kParams, kSize), reference);
  DropoutParams seed = kParams, step = kParams, stream = kParams;
  ++seed.seed;
  ++step.step;
  ++stream.stream;
  const double bound = 5 / std::sqrt(static_cast<double>(kSize));
  for (const DropoutParams& other : {seed, step, stream}) {
    EXPECT_LT(std::abs(correlation(reference, mask(other, kSize), 0.7)), bound);
  }
  // Neighbours, the halves of a word, and the rows of a hidden layer of 100 nodes.
  for (const std::int64_t lag : {1, 2, 3, 4, 7, 8, 64, 100, 10000}) {
    const Mask shifted(reference.begin() + lag, reference.end());
    EXPECT_LT(std::abs(correlation(reference, shifted, 0.7)), bound * 1.1) << "lag " << lag;
  }
}

template <typename T>
void check_apply() {
  const std::int64_t size = 16384 * 2 + 3;
  const Input<T> x(test::random_values<T>(size, 1));
  const Input<std::uint8_t> kept(mask(kParams, size));
  std::vector<double> expected;
  for (std::int64_t i = 0; i < size; ++i) {
    expected.push_back(kept[i] == 1 ? static_cast<double>(x[i]) / 0.7 : 0);
  }
  test::expect_gradient<T>(expected, test::rounding<T>(), "y", [&](Gradient<T> y) {
    dropout_apply(size, kParams.scale(), kept.data(), x.data(), y);
  });
  dropout_apply(size, 2.0, kept.data(), x.data(), Gradient<T>{});
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> y(static_cast<std::size_t>(size));
    const Mask again = mask(kParams, size);
    dropout_apply(size, kParams.scale(), again.data(), x.data(), Gradient<T>{y.data()});
    return y;
  });
}

TEST(DropoutApply, Float) {
  check_apply<float>();
}

TEST(DropoutApply, Double) {
  check_apply<double>();
}

TEST(DropoutApply, ADroppedNanIsZero) {
  const Input<float> x({NAN, INFINITY, 2});
  const Input<std::uint8_t> kept({0, 0, 1});
  Guarded<float> y(3);
  dropout_apply(3, 2.0, kept.data(), x.data(), Gradient<float>{y.data()});
  EXPECT_EQ(y.copy(), (std::vector<float>{0, 0, 4}));
}

}  // namespace
}  // namespace explainn::kernels
