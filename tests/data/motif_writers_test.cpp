#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <stdexcept>

#include "data/motif_file.h"
#include "data/motif_reader.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using Column = std::array<double, 4>;

/// Motifs of random widths and sharpness; those of whole counts where `sites` is given.
MotifFile random_file(int count, std::uint32_t seed, double sites = 0) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  MotifFile file;
  file.background = {0.3, 0.2, 0.1, 0.4};
  for (int m = 0; m < count; ++m) {
    Motif motif;
    motif.id = "id" + std::to_string(m);
    motif.name = m % 3 == 0 ? "" : m % 3 == 1 ? "MAX::MYC" : "two words";
    motif.sites = sites > 0 ? sites : m % 4 == 0 ? 0 : 1 + std::floor(uniform(random) * 1e4);
    const auto width = static_cast<std::size_t>(5 + uniform(random) * 20);
    for (std::size_t c = 0; c < width; ++c) {
      Column column{};
      double sum = 0;
      for (double& value : column) {
        value = std::pow(uniform(random), 1 + 4 * (c % 3));
        if (sites > 0) value = std::floor(value * sites / 4);
        sum += value;
      }
      if (sites > 0) column[c % 4] += sites - sum;
      for (double& value : column) value /= sites > 0 ? sites : sum;
      motif.columns.push_back(column);
    }
    file.motifs.push_back(std::move(motif));
  }
  return file;
}

class WrittenMotifs : public ReaderTest {
 protected:
  MotifFile again(const std::string& text) const { return read_motif_file(write("m", text)); }

  /// Writes and reads: the same but for `tolerance` in the probabilities.
  void expect_same(const MotifFile& file, const MotifFile& read, double tolerance) const {
    ASSERT_EQ(read.motifs.size(), file.motifs.size());
    for (std::size_t m = 0; m < file.motifs.size(); ++m) {
      const Motif& wanted = file.motifs[m];
      EXPECT_EQ(read.motifs[m].id, wanted.id);
      EXPECT_EQ(read.motifs[m].name, wanted.name);
      ASSERT_EQ(read.motifs[m].columns.size(), wanted.columns.size());
      for (std::size_t c = 0; c < wanted.columns.size(); ++c) {
        for (std::size_t i = 0; i < 4; ++i) {
          EXPECT_NEAR(read.motifs[m].columns[c][i], wanted.columns[c][i], tolerance) << c;
        }
      }
    }
  }
};

TEST_F(WrittenMotifs, memeIsReadBackWithinAMillionth) {
  const MotifFile file = random_file(100, 3);
  const MotifFile read = again(meme_text(file));
  expect_same(file, read, 1.0001e-6);
  EXPECT_EQ(read.background, file.background);
  for (std::size_t m = 0; m < 100; ++m) EXPECT_EQ(read.motifs[m].sites, file.motifs[m].sites);
  // What has been read is written as the same bytes.
  EXPECT_EQ(meme_text(read), meme_text(file));
}

TEST_F(WrittenMotifs, decimalsAreReadBackWithinAMillionth) {
  const MotifFile file = random_file(100, 4);
  for (const auto text : {pfm_text, transfac_text}) {
    const MotifFile read = again(text(file));
    expect_same(file, read, 1.0001e-6);
    for (std::size_t m = 0; m < 100; ++m) {
      // One site is one probability, so that its number is not known.
      const double sites = file.motifs[m].sites < 2 ? 0 : file.motifs[m].sites;
      EXPECT_NEAR(read.motifs[m].sites, sites, 2.0001e-6);
    }
  }
}

TEST_F(WrittenMotifs, countsAreReadBackExactly) {
  const MotifFile file = random_file(100, 5, 537);
  const MotifFile read = again(jaspar_text(file));
  expect_same(file, read, 0);
  for (const Motif& motif : read.motifs) EXPECT_EQ(motif.sites, 537);
}

TEST_F(WrittenMotifs, countsSumToTheSites) {
  const MotifFile file = random_file(100, 6);
  const std::string text = jaspar_text(file);
  std::istringstream lines(text);
  std::string line;
  for (const Motif& motif : file.motifs) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, ">" + motif.id + (motif.name.empty() ? "" : "\t" + motif.name));
    std::vector<long> sums(motif.columns.size());
    for (const std::string letter : {"A", "C", "G", "T"}) {
      ASSERT_TRUE(std::getline(lines, line));
      std::istringstream fields(line);
      std::string word;
      ASSERT_TRUE(fields >> word && word == letter && fields >> word && word == "[") << line;
      for (long& sum : sums) {
        ASSERT_TRUE(fields >> word) << line;
        ASSERT_EQ(word.find_first_not_of("0123456789"), std::string::npos) << line;
        sum += std::stol(word);
      }
      ASSERT_TRUE(fields >> word && word == "]" && !(fields >> word)) << line;
    }
    for (const long sum : sums) EXPECT_EQ(sum, motif.sites < 1 ? 100 : std::lround(motif.sites));
  }
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(MotifTexts, areTheDocumentedTexts) {
  MotifFile file;
  file.motifs.push_back(
      {.id = "a", .name = "alpha", .columns = {{0.5, 0.25, 0.25, 0}, {0, 0, 0, 1}}, .sites = 12});
  file.motifs.push_back({.id = "b", .name = "", .columns = {{0.5, 0.125, 0.375, 0}}, .sites = 0.5});
  EXPECT_EQ(jaspar_text(file),
            ">a\talpha\n"
            "A  [  6  0 ]\n"
            "C  [  3  0 ]\n"
            "G  [  3  0 ]\n"
            "T  [  0 12 ]\n"
            ">b\n"
            "A  [ 50 ]\n"
            "C  [ 13 ]\n"
            "G  [ 37 ]\n"
            "T  [  0 ]\n");
  EXPECT_EQ(pfm_text(file),
            ">a\talpha\n"
            "  6.000000  0.000000\n"
            "  3.000000  0.000000\n"
            "  3.000000  0.000000\n"
            "  0.000000 12.000000\n"
            ">b\n"
            " 0.500000\n"
            " 0.125000\n"
            " 0.375000\n"
            " 0.000000\n");
  EXPECT_EQ(transfac_text(file),
            "AC  a\nXX\nID  alpha\nXX\n"
            "P0          A         C         G         T\n"
            "01   6.000000  3.000000  3.000000  0.000000\n"
            "02   0.000000  0.000000  0.000000 12.000000\n"
            "XX\n//\n"
            "AC  b\nXX\n"
            "P0         A        C        G        T\n"
            "01  0.500000 0.125000 0.375000 0.000000\n"
            "XX\n//\n");
  for (const auto text : {jaspar_text, pfm_text, transfac_text}) EXPECT_EQ(text({}), "");
}

TEST(MotifTexts, refuseWhatMemeRefuses) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto text : {meme_text, jaspar_text, pfm_text, transfac_text}) {
    for (const Motif& bad : std::initializer_list<Motif>{
             {.id = "a b", .name = "", .columns = {{1, 0, 0, 0}}},
             {.id = "a", .name = "\n", .columns = {{1, 0, 0, 0}}},
             {.id = "a", .name = "", .columns = {}},
             {.id = "a", .name = "", .columns = {{1, 0.1, 0, 0}}},
             {.id = "a", .name = "", .columns = {{nan, 0, 0, 1}}},
             {.id = "a", .name = "", .columns = {{1, 0, 0, 0}}, .sites = 2e12},
             {.id = "a", .name = "", .columns = {{1, 0, 0, 0}}, .sites = nan}}) {
      MotifFile file;
      file.motifs.push_back(bad);
      EXPECT_THROW(text(file), std::invalid_argument);
    }
  }
}

TEST(MotifTexts, theMostSitesThatThereMayBe) {
  MotifFile file;
  file.motifs.push_back(
      {.id = "a", .name = "", .columns = {{1.0 / 3, 1.0 / 3, 1.0 / 3, 0}}, .sites = kMostSites});
  EXPECT_EQ(jaspar_text(file),
            ">a\nA  [ 333333333334 ]\nC  [ 333333333333 ]\nG  [ 333333333333 ]\n"
            "T  [            0 ]\n");
  EXPECT_NE(meme_text(file).find("nsites= 1000000000000 E= 0\n"), std::string::npos);
}

}  // namespace
}  // namespace explainn::data
