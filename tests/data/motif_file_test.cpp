#include "data/motif_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <stdexcept>

namespace explainn::data {
namespace {

using Column = std::array<double, 4>;

Motif motif(const std::string& id, std::vector<Column> columns) {
  return {.id = id, .name = "", .columns = std::move(columns), .sites = 20};
}

MotifFile file_of(Motif one) {
  MotifFile file;
  file.motifs.push_back(std::move(one));
  return file;
}

TEST(MemeText, isTheDocumentedText) {
  MotifFile file;
  file.background = {0.3, 0.2, 0.2, 0.3};
  file.motifs.push_back({.id = "filter0",
                         .name = "MAX::MYC",
                         .columns = {{1, 0, 0, 0}, {0.25, 0.5, 0.125, 0.125}},
                         .sites = 185.75});
  file.motifs.push_back({.id = "filter7", .name = "", .columns = {{0, 0, 0.4, 0.6}}, .sites = 0});
  EXPECT_EQ(meme_text(file),
            "MEME version 4\n"
            "\n"
            "ALPHABET= ACGT\n"
            "\n"
            "strands: + -\n"
            "\n"
            "Background letter frequencies\n"
            "A 0.300000 C 0.200000 G 0.200000 T 0.300000\n"
            "\n"
            "MOTIF filter0 MAX::MYC\n"
            "letter-probability matrix: alength= 4 w= 2 nsites= 185 E= 0\n"
            " 1.000000 0.000000 0.000000 0.000000\n"
            " 0.250000 0.500000 0.125000 0.125000\n"
            "\n"
            "MOTIF filter7\n"
            "letter-probability matrix: alength= 4 w= 1 E= 0\n"
            " 0.000000 0.000000 0.400000 0.600000\n"
            "\n");
}

TEST(MemeText, withoutMotifsIsAValidFile) {
  const std::string text = meme_text(MotifFile{});
  EXPECT_TRUE(text.starts_with("MEME version 4\n"));
  EXPECT_TRUE(text.ends_with("A 0.250000 C 0.250000 G 0.250000 T 0.250000\n\n"));
}

/// The rows of a text with one motif, in millionths.
std::vector<std::array<long, 4>> rows(const std::string& text) {
  std::vector<std::array<long, 4>> out;
  std::istringstream lines(text.substr(text.find("E= 0\n") + 5));
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::istringstream fields(line);
    std::array<long, 4> row{};
    std::string field;
    for (long& value : row) {
      EXPECT_TRUE(fields >> field);
      EXPECT_EQ(field.size(), 8U) << line;
      EXPECT_EQ(field[1], '.') << line;
      value = std::stol(field.substr(0, 1) + field.substr(2));
    }
    EXPECT_FALSE(fields >> field) << line;
    out.push_back(row);
  }
  return out;
}

TEST(MemeText, rowsSumToOneAndStayWithinAMillionth) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<Column> columns{{1.0 / 3, 1.0 / 3, 1.0 / 3, 0},
                              {1.0 / 7, 2.0 / 7, 3.0 / 7, 1.0 / 7},
                              {1e-9, 1e-9, 1e-9, 1 - 3e-9},
                              {0.250002, 0.250002, 0.250002, 0.250002},  // sums to 1.000008
                              {0.249998, 0.249998, 0.249998, 0.249998}};
  for (int i = 0; i < 5000; ++i) {
    Column column{};
    double sum = 0;
    for (double& value : column) sum += value = std::pow(uniform(random), i % 5 * 3 + 1);
    for (double& value : column) value /= sum;
    columns.push_back(column);
  }
  const auto printed = rows(meme_text(file_of(motif("m", columns))));
  ASSERT_EQ(printed.size(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    EXPECT_EQ(printed[c][0] + printed[c][1] + printed[c][2] + printed[c][3], 1000000) << c;
    const double sum = columns[c][0] + columns[c][1] + columns[c][2] + columns[c][3];
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_LT(std::abs(static_cast<double>(printed[c][i]) - columns[c][i] / sum * 1e6), 1.0001);
      EXPECT_GE(printed[c][i], 0);
    }
  }
  // The largest remainder gains; of equal ones the first.
  EXPECT_EQ(printed[0], (std::array<long, 4>{333334, 333333, 333333, 0}));
  EXPECT_EQ(printed[1], (std::array<long, 4>{142857, 285714, 428572, 142857}));
  EXPECT_EQ(printed[3], (std::array<long, 4>{250000, 250000, 250000, 250000}));
}

TEST(MemeText, refusesWhatReadersWouldRefuse) {
  const Column even{0.25, 0.25, 0.25, 0.25};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const char* const id : {"", "a b", "a=b", "a\tb", "a\n", " a", "a\x7f"}) {
    EXPECT_THROW(meme_text(file_of(motif(id, {even}))), std::invalid_argument) << id;
  }
  const std::vector<Column> bad{
      {nan, 0.5, 0.5, 0},  {-1e-9, 0.5, 0.5, 0},     {0, 0, 0, 0},
      {infinity, 0, 0, 0}, {0.5, 0.5, 0.0000101, 0}, {0.5, 0.4999898, 0, 0}};
  for (const Column& column : bad) {
    EXPECT_THROW(meme_text(file_of(motif("m", {even, column}))), std::invalid_argument);
    MotifFile file;
    file.background = column;
    EXPECT_THROW(meme_text(file), std::invalid_argument);
  }
  EXPECT_THROW(meme_text(file_of(motif("m", {}))), std::invalid_argument);
  MotifFile twice = file_of(motif("m", {even}));
  twice.motifs.push_back(motif("n", {even}));
  EXPECT_NO_THROW(meme_text(twice));
  twice.motifs.push_back(motif("m", {even}));
  EXPECT_THROW(meme_text(twice), std::invalid_argument);
  for (const double sites : {nan, infinity, -1.0}) {
    Motif odd = motif("m", {even});
    odd.sites = sites;
    EXPECT_THROW(meme_text(file_of(odd)), std::invalid_argument);
  }
  Motif named = motif("m", {even});
  named.name = "two\nlines";
  EXPECT_THROW(meme_text(file_of(named)), std::invalid_argument);
}

TEST(MemeText, namesTheColumnThatIsWrong) {
  try {
    meme_text(file_of(motif("filter3", {{1, 0, 0, 0}, {0.5, 0.25, 0, 0}})));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("'filter3', column 2"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace explainn::data
