#include "model/motif/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

namespace explainn::model {
namespace {

using Column = std::array<double, 4>;

constexpr Column kUniform{0.25, 0.25, 0.25, 0.25};

data::Motif motif_of(std::vector<Column> columns) {
  return {.id = "m", .name = "name", .columns = std::move(columns), .sites = 7};
}

data::Motif random_motif(std::size_t width, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  data::Motif motif = motif_of(std::vector<Column>(width));
  for (Column& column : motif.columns) {
    double sum = 0;
    for (double& value : column) sum += value = std::pow(uniform(random), 3);
    for (double& value : column) value /= sum;
  }
  return motif;
}

void expect_same_but_columns(const data::Motif& a, const data::Motif& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.sites, b.sites);
}

TEST(InformationContent, ofKnownColumns) {
  const data::Motif motif =
      motif_of({{1, 0, 0, 0}, {0.5, 0, 0, 0.5}, kUniform, {0.125, 0.125, 0.25, 0.5}, {0, 0, 1, 0}});
  EXPECT_EQ(information_content(motif, kUniform), (std::vector<double>{2, 1, 0, 0.25, 2}));
  EXPECT_EQ(total_information(motif), 5.25);
  // Relative to 1/2 1/4 1/8 1/8 all logarithms are whole.
  EXPECT_EQ(information_content(motif, {0.5, 0.25, 0.125, 0.125}),
            (std::vector<double>{1, 1, 0.25, 0.125 * -2 + 0.125 * -1 + 0.25 + 0.5 * 2, 3}));
  EXPECT_TRUE(information_content(motif_of({}), kUniform).empty());
}

TEST(InformationContent, isTheEntropyThatIsMissing) {
  const data::Motif motif = random_motif(200, 1);
  const auto bits = information_content(motif, kUniform);
  for (std::size_t c = 0; c < 200; ++c) {
    double entropy = 0;
    for (const double p : motif.columns[c]) entropy -= p * std::log(p) / std::log(2.0);
    EXPECT_NEAR(bits[c], 2 - entropy, 1e-14);
  }
}

TEST(InformationContent, needsABackground) {
  for (const double bad : {0.0, -0.1, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(information_content(motif_of({kUniform}), {0.5, 0.25, 0.25, bad}),
                 std::invalid_argument);
  }
}

TEST(ReverseComplement, ofAKnownMotif) {
  const data::Motif motif = motif_of({{0.1, 0.2, 0.3, 0.4}, {1, 0, 0, 0}, {0, 0.5, 0.5, 0}});
  const data::Motif turned = reverse_complement(motif);
  EXPECT_EQ(turned.columns,
            (std::vector<Column>{{0, 0.5, 0.5, 0}, {0, 0, 0, 1}, {0.4, 0.3, 0.2, 0.1}}));
  expect_same_but_columns(turned, motif);
}

TEST(ReverseComplement, twiceIsNothing) {
  for (const std::size_t width : {0, 1, 2, 19}) {
    const data::Motif motif = random_motif(width, 2);
    EXPECT_EQ(reverse_complement(reverse_complement(motif)).columns, motif.columns);
  }
}

TEST(Consensus, isTheMostProbableLetter) {
  EXPECT_EQ(consensus(motif_of({{0.4, 0.3, 0.2, 0.1},
                                {0.2, 0.4, 0.3, 0.1},
                                {0.1, 0.2, 0.4, 0.3},
                                {0.1, 0.2, 0.3, 0.4}})),
            "ACGT");
  EXPECT_EQ(consensus(motif_of({})), "");
}

TEST(Consensus, tiesGoByFloat32) {
  // 1/4 and 1/2 are exact in float32: the first letter wins.
  EXPECT_EQ(consensus(motif_of({kUniform, {0, 0.5, 0, 0.5}})), "AC");
  // float32(0.4) is above 0.4, float32(0.3) above 0.3: the first; float32(1/3) too.
  EXPECT_GT(static_cast<double>(0.4F), 0.4);
  EXPECT_EQ(consensus(motif_of({{0.1, 0.4, 0.4, 0.1}})), "C");
  // float32(0.45) is below 0.45: a later letter beats it, also a third one.
  EXPECT_LT(static_cast<double>(0.45F), 0.45);
  EXPECT_EQ(consensus(motif_of({{0.45, 0.05, 0.45, 0.05}, {0.05, 0.45, 0.05, 0.45}})), "GT");
  EXPECT_LT(static_cast<double>(0.32F), 0.32);
  EXPECT_EQ(consensus(motif_of({{0.32, 0.32, 0.32, 0.04}})), "G");
}

TEST(IupacConsensus, everyRule) {
  const std::vector<std::pair<Column, char>> cases{
      {{0.51, 0.25, 0.24, 0}, 'A'},   // above 1/2 and above twice the next
      {{0.5, 0.2, 0.2, 0.1}, 'N'},    // not above 1/2; A with C or G only 0.7
      {{0.6, 0.3, 0.05, 0.05}, 'M'},  // not above twice the next
      {{0.1, 0.6, 0.3, 0}, 'S'},
      {{0.4, 0, 0.36, 0.24}, 'R'},
      {{0.38, 0.12, 0.12, 0.38}, 'W'},
      {{0.1, 0.1, 0.4, 0.4}, 'K'},
      {{0.1, 0.4, 0.1, 0.4}, 'Y'},
      {{0.375, 0.375, 0.25, 0}, 'V'},  // two sum to exactly 3/4
      {{0.4, 0.3, 0, 0.3}, 'H'},
      {{0.4, 0, 0.3, 0.3}, 'D'},
      {{0, 0.3, 0.4, 0.3}, 'B'},
      {{0.25, 0.25, 0.25, 0.25}, 'N'},
      {{0, 1, 0, 0}, 'C'},
      {{0, 0, 1, 0}, 'G'},
      {{0, 0, 0, 1}, 'T'}};
  for (const auto& [column, letter] : cases) {
    EXPECT_EQ(iupac_consensus(motif_of({column})), std::string(1, letter));
  }
}

TEST(IupacConsensus, turnsWithTheMotif) {
  const auto complement = [](char letter) {
    constexpr std::string_view kFrom = "ACGTRYSWKMBDHVN";
    constexpr std::string_view kTo = "TGCAYRSWMKVHDBN";
    return kTo[kFrom.find(letter)];
  };
  const data::Motif motif = random_motif(500, 3);
  std::string turned = iupac_consensus(motif);
  std::reverse(turned.begin(), turned.end());
  std::transform(turned.begin(), turned.end(), turned.begin(), complement);
  EXPECT_EQ(iupac_consensus(reverse_complement(motif)), turned);
}

TEST(Trim, takesOffOuterColumnsAlone) {
  const Column half{0.5, 0, 0, 0.5};  // 1 bit
  const Column full{1, 0, 0, 0};      // 2 bits
  const data::Motif motif = motif_of({kUniform, half, full, kUniform, half, kUniform, kUniform});
  EXPECT_EQ(trim(motif, 0).columns, motif.columns);
  EXPECT_EQ(trim(motif, 0.5).columns, (std::vector<Column>{half, full, kUniform, half}));
  EXPECT_EQ(trim(motif, 1).columns, (std::vector<Column>{half, full, kUniform, half}));
  EXPECT_EQ(trim(motif, 1.5).columns, (std::vector<Column>{full}));
  EXPECT_TRUE(trim(motif, 2.5).columns.empty());
  EXPECT_TRUE(trim(motif_of({}), 0).columns.empty());
  expect_same_but_columns(trim(motif, 1), motif);
}

TEST(Resize, keepsTheCentre) {
  data::Motif motif = motif_of({});
  for (int c = 0; c < 5; ++c) motif.columns.push_back({c / 10.0, 1 - c / 10.0, 0, 0});
  const auto& columns = motif.columns;
  EXPECT_EQ(resize(motif, 5).columns, columns);
  EXPECT_EQ(resize(motif, 3).columns, std::vector<Column>(columns.begin() + 1, columns.end() - 1));
  EXPECT_EQ(resize(motif, 4).columns, std::vector<Column>(columns.begin(), columns.end() - 1));
  EXPECT_EQ(resize(motif, 1).columns, std::vector<Column>{columns[2]});
  std::vector<Column> wider = columns;
  wider.push_back(kUniform);
  EXPECT_EQ(resize(motif, 6).columns, wider);
  wider.insert(wider.begin(), kUniform);
  EXPECT_EQ(resize(motif, 7).columns, wider);
  EXPECT_EQ(resize(motif_of({}), 2).columns, (std::vector<Column>{kUniform, kUniform}));
  expect_same_but_columns(resize(motif, 9), motif);
  EXPECT_THROW(resize(motif, 0), std::invalid_argument);
  EXPECT_THROW(resize(motif, -1), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
