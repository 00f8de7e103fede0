// Sites of a filter and the letters under them, in cases small enough to count by hand.
#include "model/interpret/sites.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace explainn::model {
namespace {

TEST(Sites, AreStrictlyBeyondTheThresholdAndCountKnownBases) {
  SiteTable table({.num_units = 2, .filter_size = 2, .input_length = 5, .num_tasks = 1});
  const std::vector<data::Base> bases{0, 4, 4, 3, 3};  // A N N T T
  const std::vector<float> activations{1.5F, 1.5F, 1, std::nextafter(1.0F, 2.0F)};
  EXPECT_EQ(table.add(1, bases, activations, 1), 3);
  EXPECT_EQ(table.sites(), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(table.letters(1, 0, 0), 1);  // windows AN, NN, TT
  EXPECT_EQ(table.letters(1, 0, 3), 1);
  EXPECT_EQ(table.letters(1, 1, 3), 1);
  const data::MotifFile file = table.motifs();
  ASSERT_EQ(file.motifs.size(), 1U);
  EXPECT_EQ(file.motifs[0].sites, 3);
  EXPECT_EQ(file.motifs[0].columns[0], (std::array<double, 4>{0.5, 0, 0, 0.5}));
  EXPECT_EQ(file.motifs[0].columns[1], (std::array<double, 4>{0, 0, 0, 1}));
}

TEST(Sites, APositionThatIsNeverKnownIsUniform) {
  SiteTable table({.num_units = 1, .filter_size = 2, .input_length = 2, .num_tasks = 1});
  table.add(0, std::vector<data::Base>{4, 2}, std::vector<float>{3}, 1);
  EXPECT_EQ(table.motifs().motifs.at(0).columns[0], (std::array<double, 4>{.25, .25, .25, .25}));
}

TEST(Sites, NotANumberIsNoSiteAndNoMaximum) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Architecture one{.num_units = 1, .filter_size = 2, .input_length = 41, .num_tasks = 1};
  std::vector<float> activations(40, kNan);
  activations[3] = 2;
  activations[37] = 5;  // beyond the last full vector of lanes
  std::vector<float> maximum{0};
  const std::vector<data::Base> bases(41, 0);
  raise_maxima(one, {0, 1, 1, bases.data(), activations.data(), nullptr}, maximum);
  EXPECT_EQ(maximum[0], 5);
  EXPECT_EQ(count_sites(activations, 1), 2);
  EXPECT_EQ(count_sites(activations, kNan), 0);
  EXPECT_EQ(count_sites(activations, std::numeric_limits<float>::infinity()), 0);
}

}  // namespace
}  // namespace explainn::model
