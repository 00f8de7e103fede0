// q-values against their definition, drawn with the standard library's generator.
#include "model/motif/q_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace explainn::model {
namespace {

// The words of the state, as the seeding of 1998 makes them, for the standard library's engine.
struct SeedingOf1998 {
  using result_type = std::uint32_t;
  template <typename Iterator>
  void generate(Iterator begin, Iterator end) {
    std::uint32_t word = 4357;
    for (; begin != end; word *= 69069) *begin++ = word;
  }
};

TEST(QValues, WordsAreThoseOfTheStandardLibrarysTwister) {
  SeedingOf1998 seeding;
  std::mt19937 expected(seeding);
  TwisterWords words(QValues::kSeed);
  const auto& loops = engine::comparison_loops(chosen_instruction_set());
  for (const std::int64_t count : {1, 623, 624, 5, 2000, 1249}) {
    std::vector<std::uint32_t> got(static_cast<std::size_t>(count));
    words.take(count, got.data());
    loops.temper(got.data(), count, got.data());
    for (const std::uint32_t word : got) ASSERT_EQ(word, expected());
    words.skip(3 * count);
    expected.discard(static_cast<unsigned long long>(3 * count));
  }
}

// Storey's share of tests without an effect, as it is defined.
double defined_share(std::vector<float> p, std::mt19937& random) {
  std::sort(p.begin(), p.end());
  const auto estimates = [](const std::vector<float>& values) {
    std::vector<double> out;
    for (int i = 1; i <= 100; ++i) {
      const double lambda = i / 100.0 * 0.5;
      const auto beyond = values.end() - std::upper_bound(values.begin(), values.end(), lambda);
      out.push_back(static_cast<double>(beyond) /
                    (static_cast<double>(values.size()) * (1 - lambda)));
    }
    return out;
  };
  const std::vector<double> all = estimates(p);
  const double least = *std::min_element(all.begin(), all.end());
  std::vector<double> errors(all.size());
  for (int b = 0; b < 100; ++b) {
    std::vector<float> drawn;
    for (int i = 0; i < 1000; ++i) {
      const double first = random();
      const double r = first * 0x1p-32 + random() * 0x1p-64;
      drawn.push_back(p.at(static_cast<std::size_t>(r * static_cast<double>(p.size()))));
    }
    std::sort(drawn.begin(), drawn.end());
    const std::vector<double> resampled = estimates(drawn);
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] += std::pow(resampled[i] - least, 2);
  }
  const auto best = std::min_element(errors.begin(), errors.end()) - errors.begin();
  return std::min(1.0, all[static_cast<std::size_t>(best)]);
}

TEST(QValues, AreBenjaminiAndHochbergsTimesStoreysShare) {
  SeedingOf1998 seeding;
  std::mt19937 words(seeding);
  TwisterWords random(QValues::kSeed);
  QValues q_values;
  std::mt19937 chance(3);
  for (const std::size_t tests : {1, 2, 100, 101, 746, 1492, 70'000}) {
    std::vector<float> p;
    for (std::size_t i = 0; i < tests; ++i) {
      const double unit = chance() * 0x1p-32;
      p.push_back(static_cast<float>(i % 3 == 0 ? unit * unit * unit : unit));
      if (i % 5 == 4) p.back() = p[i - 2];  // ties
    }
    q_values.compute(p, random);
    const double share = tests <= 100 ? 1 : defined_share(p, words);
    EXPECT_LT(share, tests <= 100 ? 2 : 1);
    std::vector<float> sorted = p;
    std::sort(sorted.begin(), sorted.end());
    double least = 1;
    for (std::size_t i = tests; i-- > 0;) {
      least = std::min(least,
                       sorted[i] * static_cast<double>(tests) / static_cast<double>(i + 1) * share);
      if (i > 0 && sorted[i - 1] == sorted[i]) {
        EXPECT_EQ(q_values.of(sorted[i]), q_values.of(sorted[i - 1]));
      } else if (i + 1 == tests || sorted[i + 1] != sorted[i]) {
        EXPECT_EQ(q_values.of(sorted[i]), static_cast<float>(least)) << tests << " " << i;
      }
    }
    EXPECT_EQ(q_values.largest_p(1), sorted.back());
    const float middle = sorted[tests / 2];
    EXPECT_GE(q_values.largest_p(static_cast<double>(q_values.of(middle))), middle);
    EXPECT_EQ(q_values.largest_p(-1), -1);
  }
}

}  // namespace
}  // namespace explainn::model
