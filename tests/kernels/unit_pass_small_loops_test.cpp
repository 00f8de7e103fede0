// The small loops of the unit pass, against their definitions, in every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/loops.h"
#include "tests/support/buffers.h"
#include "tests/support/instruction_sets.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::random_values;

class UnitPassSmallLoops : public testing::TestWithParam<InstructionSet> {};

template <typename T>
void check_transpose(void (*transpose)(std::int64_t, std::int64_t, const T*, std::int64_t, T*,
                                       std::int64_t),
                     std::int64_t side, std::int64_t rows, std::int64_t columns) {
  const std::int64_t from_stride = columns + 3;
  const std::int64_t made_up = (rows + side - 1) / side * side;
  const std::int64_t to_stride = made_up + 4;
  std::vector<T> from(rows * from_stride);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i + 1);
  Guarded<T> to(columns * to_stride);
  transpose(rows, columns, from.data(), from_stride, to.data(), to_stride);
  const std::vector<T> got = to.copy();
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t r = 0; r < made_up; ++r) {
      const T expected = r < rows ? from[r * from_stride + c] : 0;
      ASSERT_EQ(got[c * to_stride + r], expected) << rows << 'x' << columns;
    }
  }
}

TEST_P(UnitPassSmallLoops, TransposeMakesRowsUpByZeros) {
  for (const std::int64_t rows : {1, 2, 3, 4, 26, 101}) {
    for (const std::int64_t columns : {4, 16, 28}) {
      check_transpose(loops<float>(GetParam()).transpose, 4, rows, columns);
      check_transpose(loops<double>(GetParam()).transpose, 4, rows, columns);
    }
    for (const std::int64_t columns : {8, 16, 40}) {
      check_transpose(loops<float>(GetParam()).transpose_places, 8, rows, columns);
    }
  }
}

TEST_P(UnitPassSmallLoops, TotalIsTheSumInDouble) {
  for (const std::int64_t size : {16, 48, 1600}) {
    const auto values = random_values<float>(size, 1);
    double expected = 0;
    for (const float value : values) expected += static_cast<double>(value);
    EXPECT_NEAR(loops<float>(GetParam()).total(size, values.data()), expected, 1e-12 * size);
  }
  // In float the ones would be lost.
  std::vector<float> values(64, 1);
  values[5] = 1e8F;
  values[60] = -1e8F;
  EXPECT_EQ(loops<float>(GetParam()).total(64, values.data()), 62);
}

TEST_P(UnitPassSmallLoops, PairCountsAreBitsInCommon) {
  // The longest has more ones than the bytes that count them could hold.
  for (const std::int64_t words : {1, 3, 8, 21, 33, 2100}) {
    const std::int64_t plane = words + 5;
    std::vector<std::uint64_t> one, other;
    for (std::int64_t i = 0; i < 4 * plane; ++i) {
      const PhiloxBlock random = philox(7, i, 0, 0);
      one.push_back(std::uint64_t{random[0]} << 32 | random[1]);
      other.push_back(std::uint64_t{random[2]} << 32 | random[3]);
    }
    std::vector<std::int64_t> counts(16, 1000), expected(16, 1000);
    for (std::int64_t i = 0; i < 16 * words; ++i) {
      const std::int64_t a = i / words / 4;
      const std::int64_t b = i / words % 4;
      expected[4 * a + b] -=
          std::popcount(one[a * plane + i % words] & other[b * plane + i % words]);
    }
    const Loops<float>& of_set = loops<float>(GetParam());
    of_set.add_pair_counts(words, one.data(), other.data(), plane, -1, counts.data());
    EXPECT_EQ(counts, expected) << words;
    std::fill(one.begin(), one.end(), ~std::uint64_t{0});
    std::fill(counts.begin(), counts.end(), 7);
    of_set.add_pair_counts(words, one.data(), one.data(), plane, 1, counts.data());
    EXPECT_EQ(counts, std::vector<std::int64_t>(16, 64 * words + 7));
  }
}

// Kingma & Ba 2015 in double; the loop divides once less.
TEST_P(UnitPassSmallLoops, AdamIsItsFormula) {
  constexpr std::int64_t kSize = 53;
  for (const std::int64_t step : {1, 2, 1000}) {
    const AdamParams p{.lr = 0.003, .step = step};
    const auto gradient = random_values<double>(kSize, 1);
    const auto m = random_values<double>(kSize, 2);
    const auto v = random_values<double>(kSize, 3, 0, 1);
    const auto weight = random_values<double>(kSize, 4);
    Guarded<double> new_m(m), new_v(v), new_weight(weight);
    loops<double>(GetParam())
        .adam(AdamFactors<double>(p), kSize, gradient.data(), new_m.data(), new_v.data(),
              new_weight.data());
    for (std::int64_t i = 0; i < kSize; ++i) {
      const double mean = 0.9 * m[i] + 0.1 * gradient[i];
      const double square = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
      const double corrected = std::sqrt(square / (1 - std::pow(0.999, step)));
      const double move = 0.003 * mean / (1 - std::pow(0.9, step)) / (corrected + 1e-8);
      EXPECT_NEAR(new_m.copy()[i], mean, 1e-15);
      EXPECT_NEAR(new_v.copy()[i], square, 1e-15);
      EXPECT_NEAR(new_weight.copy()[i], weight[i] - move, 1e-14);
    }
  }
}

TEST_P(UnitPassSmallLoops, SgdIsItsFormula) {
  constexpr std::int64_t kSize = 53;
  const auto gradient = random_values<double>(kSize, 1);
  const auto velocity = random_values<double>(kSize, 2);
  const auto weight = random_values<double>(kSize, 3);
  const auto expect = [&](const SgdParams& p, const auto& speed_of) {
    Guarded<double> new_velocity(velocity), new_weight(weight);
    loops<double>(GetParam())
        .sgd(p, kSize, gradient.data(), p.momentum == 0 ? nullptr : new_velocity.data(),
             new_weight.data());
    for (std::int64_t i = 0; i < kSize; ++i) {
      EXPECT_NEAR(new_weight.copy()[i], weight[i] - p.lr * speed_of(i), 1e-15);
      const double kept = p.momentum == 0 ? velocity[i] : speed_of(i);
      EXPECT_NEAR(new_velocity.copy()[i], kept, 1e-15);
    }
  };
  const auto by_gradient = [&](std::int64_t i) { return gradient[i]; };
  expect({.lr = 0.1, .momentum = 0, .first_step = false}, by_gradient);
  expect({.lr = 0.1, .momentum = 0.9, .first_step = true}, by_gradient);
  expect({.lr = 0.1, .momentum = 0.9, .first_step = false},
         [&](std::int64_t i) { return 0.9 * velocity[i] + gradient[i]; });
}

// Also from odd elements and with odd rows, where pairs lie across rows, and across a page of keys.
TEST_P(UnitPassSmallLoops, KeptBitsAreDropoutsDecisions) {
  const DropoutParams params{.probability = 0.3, .seed = 11, .step = 5, .stream = 2};
  constexpr std::uint64_t kPage = std::uint64_t{1} << 33;
  for (const std::int64_t nodes : {1, 7, 16, 33, 63, 64, 100}) {
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{13}, kPage - 150, kPage}) {
      for (const std::int64_t units : {2, 3}) {
        constexpr std::int64_t kRows = 9;
        const auto row_step = static_cast<std::uint64_t>(units * nodes);

        const std::uint64_t page = first / kPage;
        const std::int64_t bytes = padded(nodes) / 8;
        Guarded<std::uint8_t> kept(kRows * bytes);
        loops<float>(GetParam())
            .kept_bits({.rows = kRows,
                        .nodes = nodes,
                        .columns = padded(nodes),
                        .first = first,
                        .row_step = row_step,
                        .keys = {dropout_keys(params, page), dropout_keys(params, page + 1)},
                        .threshold = dropout_threshold(params.probability),
                        .kept = kept.data()});
        const std::vector<std::uint8_t> got = kept.copy();
        for (std::int64_t i = 0; i < kRows * 8 * bytes; ++i) {
          const std::int64_t node = i % (8 * bytes);
          const std::uint64_t element = first +
                                        static_cast<std::uint64_t>(i / (8 * bytes)) * row_step +
                                        static_cast<std::uint64_t>(node);
          const std::uint32_t hash = dropout_hash(dropout_keys(params, element / kPage),
                                                  static_cast<std::uint32_t>(element / 2));
          const std::uint32_t number = element % 2 == 0 ? hash & 0xFFFF : hash >> 16;
          const bool expected = node < nodes && number >= dropout_threshold(params.probability);
          ASSERT_EQ((got[i / 8] >> (i % 8) & 1) != 0, expected)
              << nodes << ' ' << first << ' ' << i;
        }
      }
    }
  }
}

// A prediction must not depend on the rows that happen to be computed with it.
TEST_P(UnitPassSmallLoops, FoldedLayersGiveARowTheSameBitsWhateverTheRowsBesideIt) {
  const Loops<float>& l = loops<float>(GetParam());
  constexpr std::int64_t kRows = 23;
  constexpr std::int64_t kInputs = 26;
  constexpr std::int64_t kStride = 32;
  const auto x = random_values<float>(kRows * kStride, 1);
  for (const std::int64_t columns : {16, 32, 48, 64, 80, 112, 208}) {
    const auto w = random_values<float>(kInputs * columns, 2);
    const auto bias = random_values<float>(columns, 3);
    const auto last = random_values<float>(columns, 4);
    Guarded<float> layer(kRows * columns);
    Guarded<float> sum(kRows);
    l.layer(kRows, kInputs, columns, x.data(), kStride, w.data(), bias.data(), layer.data());
    l.layer_and_sum(kRows, kInputs, columns, x.data(), kStride, w.data(), bias.data(), last.data(),
                    sum.data());
    const std::vector<float> all = layer.copy();
    const std::vector<float> sums = sum.copy();
    for (std::int64_t row = 0; row < kRows; ++row) {
      double expected = 0;
      for (std::int64_t c = 0; c < columns; ++c) {
        double z = bias[c];
        for (std::int64_t i = 0; i < kInputs; ++i) {
          z += static_cast<double>(x[row * kStride + i]) * w[i * columns + c];
        }
        ASSERT_NEAR(all[row * columns + c], z < 0 ? 0 : z, 1e-5) << columns;
        expected += z < 0 ? 0 : z * last[c];
      }
      ASSERT_NEAR(sums[row], expected, 1e-4) << columns;
      for (const std::int64_t beside : {0, 1, 4, 6}) {
        const std::int64_t begin = std::max<std::int64_t>(0, row - beside);
        std::vector<float> few((row - begin + 1) * columns);
        std::vector<float> few_sums(row - begin + 1);
        l.layer(row - begin + 1, kInputs, columns, x.data() + begin * kStride, kStride, w.data(),
                bias.data(), few.data());
        l.layer_and_sum(row - begin + 1, kInputs, columns, x.data() + begin * kStride, kStride,
                        w.data(), bias.data(), last.data(), few_sums.data());
        EXPECT_EQ(few_sums.back(), sums[row]) << columns << ' ' << row << ' ' << beside;
        EXPECT_TRUE(std::equal(few.end() - columns, few.end(), all.begin() + row * columns))
            << columns << ' ' << row << ' ' << beside;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitPassSmallLoops, test::every_instruction_set(),
                         test::instruction_set_name);

}  // namespace
}  // namespace explainn::kernels
