// The loops of motif comparison, against their definitions, in every instruction set: all give the
// same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/motif_comparison/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::random_values;

class MotifComparisonLoops : public testing::TestWithParam<InstructionSet> {
 protected:
  const ComparisonLoops& loops() const { return comparison_loops(GetParam()); }
};

constexpr std::int64_t kCounts[] = {1, 15, 64, 65, 1000};

TEST_P(MotifComparisonLoops, DistancesAndCorrelations) {
  const float query[4] = {0.1F, 0.2F, 0.3F, 0.4F};
  for (const std::int64_t count : kCounts) {
    const auto targets = random_values<float>(4 * count, 1, 0, 1);
    Guarded<float> distances(count);
    Guarded<float> correlations(count);
    DistanceParams p{
        .count = count, .targets = targets.data(), .query = query, .distances = distances.data()};
    loops().distances(p);
    p.distances = correlations.data();
    loops().correlations(p);
    for (std::size_t c = 0; c < static_cast<std::size_t>(count); ++c) {
      float squares = 0;
      float product = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        const float target = targets[i * static_cast<std::size_t>(count) + c];
        squares += (target - query[i]) * (target - query[i]);
        product += target * query[i];
      }
      ASSERT_EQ(distances.copy()[c], std::sqrt(squares)) << c << " of " << count;
      ASSERT_EQ(correlations.copy()[c], 1 - product) << c << " of " << count;
    }
  }
}

TEST_P(MotifComparisonLoops, ExtremesAndCountsOfValues) {
  for (const std::int64_t count : kCounts) {
    const auto values = random_values<float>(count, 2, 0, 1);
    float least = 0;
    float most = 0;
    loops().extremes(values.data(), count, &least, &most);
    EXPECT_EQ(least, *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(most, *std::max_element(values.begin(), values.end()));
    // One bound is a value: it is not less than itself.
    const BoundsParams p{.count = count,
                         .values = values.data(),
                         .low = values.front(),
                         .high = values.front() + 0.01F};
    const CountsBelow counts = loops().count_below(p);
    const auto below = [&](float bound) {
      return std::count_if(values.begin(), values.end(), [&](float v) { return v < bound; });
    };
    EXPECT_EQ(counts.low, below(p.low));
    EXPECT_EQ(counts.high, below(p.high));
    Guarded<std::uint8_t> got((count + kScoreBlock - 1) / kScoreBlock);
    EXPECT_EQ(loops().mark_between(p, got.data()), below(p.low));
    const std::vector<std::uint8_t> marks = got.copy();
    for (std::size_t b = 0; b < marks.size(); ++b) {
      bool some = false;
      for (std::size_t i = b * kScoreBlock; i < (b + 1) * kScoreBlock && i < values.size(); ++i) {
        some |= values[i] >= p.low && values[i] <= p.high;
      }
      EXPECT_EQ(marks[b] != 0, some) << b;
    }
  }
}

TEST_P(MotifComparisonLoops, QuantisedScoresAndWhichAreDoubtful) {
  for (const std::int64_t count : kCounts) {
    const auto distances = random_values<float>(count, 3, 0, 1.4);
    Guarded<std::uint8_t> scores(count);
    Guarded<std::uint8_t> doubtful((count + kScoreBlock - 1) / kScoreBlock);
    const QuantiseParams p{.count = count,
                           .distances = distances.data(),
                           .factor = -60,
                           .shift = 90.25F,
                           .tolerance = 0.005F,
                           .scores = scores.data(),
                           .doubtful = doubtful.data()};
    loops().quantise(p);
    std::vector<bool> expected(static_cast<std::size_t>(doubtful.copy().size()));
    for (std::size_t c = 0; c < distances.size(); ++c) {
      const float value = distances[c] * p.factor + p.shift;
      ASSERT_EQ(scores.copy()[c], static_cast<int>(value)) << c;
      const float rest = value - std::floor(value);
      if (rest < p.tolerance || rest > 1 - p.tolerance) expected[c / kScoreBlock] = true;
    }
    for (std::size_t b = 0; b < expected.size(); ++b) {
      EXPECT_EQ(doubtful.copy()[b] != 0, expected[b]) << b;
    }
  }
}

template <typename Sum>
void check_diagonals(void (*diagonals)(const DiagonalParams<Sum>&), std::int64_t rows) {
  for (const std::int64_t positions : {1, 31, 2048, 4100}) {
    const std::int64_t stride = positions + rows + 3;
    std::mt19937 random(4);
    std::vector<std::uint8_t> data(static_cast<std::size_t>(rows * stride));
    for (std::uint8_t& value : data) value = static_cast<std::uint8_t>(random() % 101);
    Guarded<Sum> got(positions);
    diagonals({.rows = rows,
               .stride = stride,
               .data = data.data(),
               .positions = positions,
               .sums = got.data()});
    const std::vector<Sum> sums = got.copy();
    for (std::int64_t s = 0; s < positions; ++s) {
      std::uint32_t expected = 0;
      for (std::int64_t r = 0; r < rows; ++r) {
        expected += data[static_cast<std::size_t>(r * stride + s + r)];
      }
      ASSERT_EQ(sums[static_cast<std::size_t>(s)], expected) << s << " of " << positions;
    }
  }
}

TEST_P(MotifComparisonLoops, DiagonalsAreSummed) {
  for (const std::int64_t rows : {1, 2, 19}) check_diagonals(loops().diagonals_16, rows);
  for (const std::int64_t rows : {1, 700}) check_diagonals(loops().diagonals_32, rows);
}

TEST_P(MotifComparisonLoops, ConvolutionInAscendingOrder) {
  for (const std::int64_t a_count : {1, 7, 16, 500}) {
    for (const std::int64_t b_count : {1, 2, 33, 101}) {
      std::vector<double> a(static_cast<std::size_t>(a_count + 2 * kConvolutionMargin));
      const auto values = random_values<double>(a_count, 5, 0, 1);
      std::copy(values.begin(), values.end(), a.begin() + kConvolutionMargin);
      const auto b = random_values<double>(b_count, 6, 0, 1);
      const std::int64_t count = a_count + b_count - 1;
      Guarded<double> got((count + 15) / 16 * 16);
      loops().convolve(a.data() + kConvolutionMargin, a_count, b.data(), b_count, got.data());
      const std::vector<double> out = got.copy();
      for (std::int64_t k = 0; k < count; ++k) {
        double expected = 0;
        for (std::int64_t j = 0; j < b_count; ++j) {
          if (k - j < 0 || k - j >= a_count) continue;
          expected += values[static_cast<std::size_t>(k - j)] * b[static_cast<std::size_t>(j)];
        }
        ASSERT_EQ(out[static_cast<std::size_t>(k)], expected) << a_count << " " << b_count;
      }
    }
  }
}

TEST_P(MotifComparisonLoops, MaximumOfVariables) {
  for (const std::int64_t count : {1, 2, 17, 300}) {
    for (const int copies : {1, 2}) {
      const auto p = random_values<double>(count, 7, 0, 1);
      const auto below = random_values<double>(count, 8, 0, 1);
      const auto other_p = random_values<double>(count, 9, 0, 1);
      const auto other_below = random_values<double>(count, 10, 0, 1);
      Guarded<double> got_p(p);
      Guarded<double> got_below(below);
      const MaximumParams params{.count = count,
                                 .copies = copies,
                                 .before = 0.25,
                                 .p = got_p.data(),
                                 .cumulative = got_below.data(),
                                 .other_p = other_p.data(),
                                 .other_cumulative = other_below.data()};
      loops().maximum(params);
      for (std::size_t x = 0; x < p.size(); ++x) {
        const double before = x > 0 ? below[x - 1] : params.before;
        const double other_before = x > 0 ? other_below[x - 1] : 0;
        const double f = other_below[x];
        const double f_all = copies == 2 ? f * f : f;
        const double p_all = copies == 2 ? other_p[x] * (f + other_before) : other_p[x];
        ASSERT_EQ(got_p.copy()[x], p[x] * f_all + before * p_all) << x << " of " << count;
        ASSERT_EQ(got_below.copy()[x], below[x] * f_all) << x << " of " << count;
      }
    }
  }
}

// Seeds the standard library's engine with a state.
struct StateOf {
  using result_type = std::uint32_t;
  template <typename Iterator>
  void generate(Iterator begin, Iterator) const {
    std::copy(words.begin(), words.end(), begin);
  }
  const std::vector<std::uint32_t>& words;
};

TEST_P(MotifComparisonLoops, TwisterIsThatOfTheStandardLibrary) {
  std::mt19937 seeds(11);
  std::vector<std::uint32_t> state(kTwisterWords);
  for (std::uint32_t& word : state) word = static_cast<std::uint32_t>(seeds());
  StateOf words{state};
  std::mt19937 expected(words);
  for (int round = 0; round < 3; ++round) {
    Guarded<std::uint32_t> next(kTwisterWords);
    loops().twist(state.data(), next.data());
    state = next.copy();
    Guarded<std::uint32_t> got(kTwisterWords);
    loops().temper(state.data(), kTwisterWords, got.data());
    for (const std::uint32_t word : got.copy()) ASSERT_EQ(word, expected());
  }
}

TEST_P(MotifComparisonLoops, DrawsAreThoseOfDoublesUnlessDoubtful) {
  std::mt19937 random(12);
  int sure = 0;
  for (const std::uint32_t tests : {101U, 1492U, 65'535U}) {
    for (int round = 0; round < 500; ++round) {
      constexpr std::int64_t kDraws = 37;
      std::vector<std::uint32_t> state(2 * kDraws);
      for (std::uint32_t& word : state) word = static_cast<std::uint32_t>(random());
      Guarded<std::uint32_t> got(kDraws);
      const bool doubtful = loops().draw(
          {.state = state.data(), .draws = kDraws, .tests = tests, .drawn = got.data()});
      if (doubtful) continue;
      ++sure;
      std::vector<std::uint32_t> words(2 * kDraws);
      loops().temper(state.data(), 2 * kDraws, words.data());
      for (std::size_t i = 0; i < kDraws; ++i) {
        const double r = words[2 * i] * 0x1p-32 + words[2 * i + 1] * 0x1p-64;
        ASSERT_EQ(got.copy()[i], static_cast<std::uint32_t>(r * tests));
      }
    }
  }
  EXPECT_GT(sure, 1400);
  // 0 stands at an integer.
  const std::uint32_t zeros[2] = {0, 0};
  std::uint32_t drawn = 1;
  EXPECT_TRUE(loops().draw({.state = zeros, .draws = 1, .tests = 1492, .drawn = &drawn}));
  EXPECT_EQ(drawn, 0U);
}

INSTANTIATE_TEST_SUITE_P(Sets, MotifComparisonLoops, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
