// False discovery rates of many p-values.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/motif_comparison.h"

namespace explainn::model {

/// The words of the Mersenne Twister MT19937 in the seeding of its first publication (1998): each
/// word of the state is 69069 times the one before.
class TwisterWords {
 public:
  explicit TwisterWords(std::uint32_t seed);

  /// The next `count` words of the state: what is returned for them is tempered.
  void take(std::int64_t count, std::uint32_t* out);
  /// Passes over as many.
  void skip(std::int64_t count);

 private:
  void twist();

  std::array<std::uint32_t, engine::kTwisterWords> state_{};
  std::int64_t used_ = engine::kTwisterWords;
};

/// The least false discovery rates at which tests count as found: Benjamini and Hochberg 1995 times
/// the share of tests without an effect (Storey, Taylor & Siegmund 2004).
class QValues {
 public:
  /// The seed of the standard tool.
  static constexpr std::uint32_t kSeed = 4357;
  /// Words that compute() takes for so many tests.
  static std::int64_t words_needed(std::size_t tests);

  /// p-values, each in 0 .. 1, in any order. The share without an effect is 1 for 100 tests or
  /// fewer, else taken from a bootstrap: of 100 estimates (p-values above i / 200), the one whose
  /// 100 resamples of 1000 lie nearest to the least estimate. It may be 0, and with it every q.
  void compute(const std::vector<float>& p, TwisterWords& random);
  /// The q-value of a p-value that was among those of compute().
  float of(float p) const;
  /// The largest p-value with q <= `limit`; -1 if there is none.
  float largest_p(double limit) const;

 private:
  void draw(TwisterWords& random);
  double share_without_effect(TwisterWords& random);

  std::vector<float> sorted_;                 // p-values
  std::vector<float> q_;                      // of sorted_
  std::vector<std::uint8_t> lambdas_below_;   // of sorted_: how many lambdas it exceeds
  std::vector<std::uint32_t> words_, drawn_;  // of one resample
};

}  // namespace explainn::model
