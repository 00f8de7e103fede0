// The fused pass in evaluation mode against the definition, written out in double: every
// instruction set that the machine has, odd sizes, unknown bases, guarded and poisoned outputs.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/base/philox.h"
#include "kernels/unit_pass/inference.h"

namespace explainn::kernels {
namespace {

struct Case {
  UnitSizes sizes;
  std::int64_t rows;
  std::vector<std::int64_t> outputs;  // of the layers; the last is 1
};

// clang-format off
const Case kCases[] = {
    {{.units = 3, .filter = 7, .length = 40, .pool = 7, .stride = 7}, 5, {100, 1}},
    {{.units = 9, .filter = 19, .length = 200, .pool = 7, .stride = 7}, 7, {100, 1}},
    {{.units = 8, .filter = 20, .length = 61, .pool = 5, .stride = 3}, 131, {33, 1}},
    {{.units = 17, .filter = 3, .length = 31, .pool = 3, .stride = 5}, 4, {16, 7, 1}},
    {{.units = 1, .filter = 1, .length = 1, .pool = 1, .stride = 1}, 1, {1}},
    {{.units = 2, .filter = 9, .length = 9, .pool = 1, .stride = 1}, 3, {100, 100, 100, 1}},
    {{.units = 10, .filter = 26, .length = 60, .pool = 35, .stride = 1}, 6, {}},
};
// clang-format on

float number(std::uint64_t seed, std::int64_t i) {
  return static_cast<float>(2 * unit_interval(philox(seed, i, 0, 0)[0]) - 1);
}

std::vector<float> numbers(std::uint64_t seed, std::int64_t size) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < size; ++i) values.push_back(number(seed, i));
  return values;
}

class UnitInferenceTest : public testing::TestWithParam<std::tuple<InstructionSet, int>> {
 protected:
  void SetUp() override {
    const Case& c = kCases[std::get<1>(GetParam())];
    s = c.sizes;
    rows = c.rows;
    filters = numbers(1, s.units * 4 * s.filter);
    for (float& w : filters) w *= 0.5F;
    shifts = numbers(2, s.units);
    std::int64_t inputs = s.pooled();
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      weights.push_back(numbers(10 + i, s.units * c.outputs[i] * inputs));
      biases.push_back(numbers(20 + i, s.units * c.outputs[i]));
      inputs = c.outputs[i];
    }
    inputs = s.pooled();
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      layers.push_back({inputs, c.outputs[i], weights[i].data(), biases[i].data()});
      inputs = c.outputs[i];
    }
    // Every third row has unknown bases; the last of them has nothing else.
    for (std::int64_t i = 0; i < rows * s.length; ++i) {
      const std::uint32_t word = philox(3, i, 0, 0)[0];
      const bool unknown = (i / s.length) % 3 == 1 && (word >> 8) % 11 == 0;
      bases.push_back(unknown || i / s.length == 4 ? 4 : word % 4);
    }
  }

  double score(std::int64_t row, std::int64_t u, std::int64_t t) const {
    double sum = shifts[u];
    for (std::int64_t k = 0; k < s.filter; ++k) {
      const std::int64_t base = bases[row * s.length + t + k];
      if (base < 4) sum += filters[(u * 4 + base) * s.filter + k];
    }
    return sum;
  }

  // The unit's output, and the sum of the sizes of all its terms: what rounding is relative to.
  std::pair<double, double> output(std::int64_t row, std::int64_t u) const {
    std::vector<double> x;
    for (std::int64_t q = 0; q < s.pooled(); ++q) {
      double best = -std::numeric_limits<double>::infinity();
      for (std::int64_t i = 0; i < s.pool; ++i) {
        best = std::max(best, score(row, u, q * s.stride + i));
      }
      x.push_back(std::exp(best));
    }
    std::vector<double> size = x;
    for (const FoldedUnitLayer& layer : layers) {
      std::vector<double> y, y_size;
      for (std::int64_t o = u * layer.outputs; o < (u + 1) * layer.outputs; ++o) {
        double sum = layer.bias[o];
        double terms = std::abs(sum);
        for (std::int64_t i = 0; i < layer.inputs; ++i) {
          sum += layer.w[o * layer.inputs + i] * x[i];
          terms += std::abs(layer.w[o * layer.inputs + i]) * size[i];
        }
        y.push_back(std::max(sum, 0.0));
        y_size.push_back(terms);
      }
      x = y;
      size = y_size;
    }
    return {x[0], size[0]};
  }

  UnitInference make() const {
    return UnitInference(s, filters.data(), shifts.data(), layers, std::get<0>(GetParam()));
  }

  UnitSizes s{};
  std::int64_t rows = 0;
  std::vector<float> filters, shifts;
  std::vector<std::vector<float>> weights, biases;
  std::vector<FoldedUnitLayer> layers;
  std::vector<std::uint8_t> bases;
};

constexpr float kGuard = -12345.0F;
const float kPoison = std::numeric_limits<float>::quiet_NaN();

TEST_P(UnitInferenceTest, OutputsAreTheDefinition) {
  std::vector<float> got(rows * s.units + 1, kPoison);
  got.back() = kGuard;
  make().outputs(bases.data(), rows, got.data());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t u = 0; u < s.units; ++u) {
      const auto [expected, size] = output(row, u);
      EXPECT_NEAR(got[row * s.units + u], expected, 2e-6 * size) << "row " << row << " unit " << u;
    }
  }
  EXPECT_EQ(got.back(), kGuard);
}

TEST_P(UnitInferenceTest, ActivationsAreTheDefinition) {
  const std::int64_t n = s.positions();
  std::vector<float> got(rows * s.units * n + 1, kPoison);
  got.back() = kGuard;
  make().activations(bases.data(), rows, got.data());
  for (std::int64_t i = 0; i < rows * s.units * n; ++i) {
    const double expected = std::exp(score(i / (s.units * n), i / n % s.units, i % n));
    ASSERT_NEAR(got[i], expected, 3e-6 * expected) << i;
  }
  EXPECT_EQ(got.back(), kGuard);
}

TEST_P(UnitInferenceTest, ARowDoesNotDependOnItsNeighbours) {
  const UnitInference units = make();
  std::vector<float> together(rows * s.units);
  units.outputs(bases.data(), rows, together.data());
  std::vector<float> alone(s.units);
  for (std::int64_t row = 0; row < rows; ++row) {
    units.outputs(bases.data() + row * s.length, 1, alone.data());
    for (std::int64_t u = 0; u < s.units; ++u) EXPECT_EQ(alone[u], together[row * s.units + u]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnitInferenceTest,
                         testing::Combine(testing::ValuesIn(available_instruction_sets()),
                                          testing::Range(0, static_cast<int>(std::size(kCases)))),
                         [](const auto& test) {
                           return std::string(to_string(std::get<0>(test.param))) + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

TEST(UnitInference, RefusesLayersThatDoNotFit) {
  const std::vector<float> zeros(1000);
  const UnitSizes sizes{.units = 2, .filter = 3, .length = 10, .pool = 2, .stride = 2};
  const std::vector<FoldedUnitLayer> wrong{{5, 1, zeros.data(), zeros.data()}};
  EXPECT_THROW(UnitInference(sizes, zeros.data(), zeros.data(), wrong), std::invalid_argument);
  EXPECT_THROW(UnitInference(sizes, zeros.data(), zeros.data(), {}), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::kernels
