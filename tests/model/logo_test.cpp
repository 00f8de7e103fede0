// Logos read back: letters, places and heights must be those of the motif.
#include "model/motif/logo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <locale>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/base/error.h"
#include "tests/support/logo_reader.h"
#include "tests/support/xml.h"

namespace explainn::model {
namespace {

using data::Motif;
using test::elements_of;
using test::glyph_of;
using test::logos_of;
using test::PlacedLetter;
using Column = std::array<double, 4>;

constexpr double kTolerance = 1e-3;  // bits, or of a probability

// Columns from even to certain, without a library's random numbers.
Motif some_motif(std::size_t width, std::uint64_t seed = 1) {
  Motif motif{"id", "name", {}, 100};
  std::uint64_t state = seed;
  for (std::size_t c = 0; c < width; ++c) {
    Column column{};
    double sum = 0;
    for (double& p : column) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      p = std::pow(static_cast<double>(state >> 40U) / 16777216.0, static_cast<double>(c % 9));
      sum += p;
    }
    for (double& p : column) p /= sum;
    motif.columns.push_back(column);
  }
  return motif;
}

Column bits(const Column& p, const Column& background) {
  double information = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (p[i] > 0) information += p[i] * (std::log2(p[i]) - std::log2(background[i]));
  }
  Column heights = p;
  for (double& height : heights) height *= information;
  return heights;
}

constexpr Column kUniform{0.25, 0.25, 0.25, 0.25};

// What a logo of one motif says: heights on the scale of the axis, which ends at `end`.
std::vector<Column> heights_of(const std::string& svg, std::size_t width, double end,
                               const LogoOptions& options) {
  std::vector<Column> heights(width, Column{});
  const auto logos = logos_of(svg);
  EXPECT_EQ(logos.size(), 1U);
  const double margin =
      options.axes ? 0.0075 * (options.frequencies ? 56 : 41) * options.height : 0;
  for (const PlacedLetter& letter : logos.at(0)) {
    const double column = (letter.x - margin) / options.column_width;
    EXPECT_NEAR(column, std::round(column), 1e-3);
    EXPECT_NEAR(letter.width, options.column_width, 1e-4);
    const auto c = static_cast<std::size_t>(std::round(column));
    const std::size_t base = std::string("ACGT").find(letter.base);
    if (c >= width || base > 3) {
      ADD_FAILURE() << letter.base << " in column " << column;
      continue;
    }
    EXPECT_EQ(heights[c][base], 0) << "twice: " << letter.base << " in column " << c;
    heights[c][base] = letter.height / options.height * end;
  }
  return heights;
}

void expect_heights(const std::vector<Column>& drawn, const std::vector<Column>& expected) {
  ASSERT_EQ(drawn.size(), expected.size());
  for (std::size_t c = 0; c < drawn.size(); ++c) {
    for (std::size_t i = 0; i < 4; ++i) {
      // Too low to be seen: left out.
      EXPECT_NEAR(drawn[c][i], expected[c][i] < 0.002 ? 0 : expected[c][i], kTolerance)
          << "ACGT"[i] << " of column " << c;
    }
  }
}

TEST(Logo, HeightsAreSharesOfTheInformation) {
  for (const std::size_t width : {1U, 7U, 19U, 200U}) {
    const Motif motif = some_motif(width, width);
    std::vector<Column> expected;
    for (const Column& column : motif.columns) expected.push_back(bits(column, kUniform));
    for (const bool axes : {true, false}) {
      LogoOptions options;
      options.axes = axes;
      options.height = axes ? 100 : 37;
      options.column_width = axes ? 20 : 11.5;
      expect_heights(heights_of(logo_svg(motif, options), width, 2, options), expected);
      options.shared_glyphs = true;
      expect_heights(heights_of("<?xml?>" + logo_svg(motif, options), width, 2, options), expected);
    }
  }
}

TEST(Logo, LettersStandOnEachOtherTheHighestOnTop) {
  for (const bool axes : {true, false}) {
    LogoOptions options;
    options.axes = axes;
    const auto letters = logos_of(logo_svg(some_motif(50), options)).at(0);
    ASSERT_GT(letters.size(), 100U);
    const double base_line = axes ? 106.0 : 100.0;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const PlacedLetter& letter = letters[i];
      EXPECT_GE(letter.y, base_line - options.height - 1e-9);
      const double bottom = letter.y + letter.height;
      if (i == 0 || letters[i - 1].x != letter.x) {
        EXPECT_NEAR(bottom, base_line, 0.35);  // up to three letters too low to be seen below
      } else {
        EXPECT_NEAR(bottom, letters[i - 1].y, 1e-6);
        EXPECT_GE(letter.height, letters[i - 1].height - 0.11);  // rounded edges
      }
    }
  }
}

TEST(Logo, EqualLettersStandInTheOrderOfTheAlphabet) {
  const Motif motif{"m", "", {{0.5, 0, 0, 0.5}, {0, 0.5, 0.5, 0}}, 0};
  std::string order;
  const auto logos = logos_of(logo_svg(motif, {}));
  for (const PlacedLetter& letter : logos.at(0)) order += letter.base;
  EXPECT_EQ(order, "TAGC");
}

TEST(Logo, TheReverseComplementIsTheMirrorImage) {
  const Motif motif = some_motif(23);
  LogoOptions options;
  options.background = {0.3, 0.15, 0.25, 0.3};  // not the same for both strands
  const double end = -std::log2(0.15);
  auto expected = heights_of(logo_svg(motif, options), 23, end, options);
  options.reverse_complement = true;
  std::reverse(expected.begin(), expected.end());
  for (Column& column : expected) std::reverse(column.begin(), column.end());
  const auto drawn = heights_of(logo_svg(motif, options), 23, end, options);
  for (std::size_t c = 0; c < 23; ++c) {
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(drawn[c][i], expected[c][i], kTolerance);
  }
}

TEST(Logo, BitsAreThoseOverTheBackground) {
  const Motif motif = some_motif(15);
  LogoOptions options;
  options.background = {0.4, 0.1, 0.2, 0.3};
  std::vector<Column> expected;
  for (const Column& column : motif.columns) expected.push_back(bits(column, options.background));
  expect_heights(heights_of(logo_svg(motif, options), 15, -std::log2(0.1), options), expected);
}

TEST(Logo, SmallSamplesAreCorrectedOnDemand) {
  Motif motif{"m", "", {{1, 0, 0, 0}, {0.25, 0.25, 0.3, 0.2}}, 5};
  LogoOptions options;
  options.small_sample_correction = true;
  const auto first = [&] { return heights_of(logo_svg(motif, options), 2, 2, options).at(0)[0]; };
  // Schneider 1986: 3 / (2 ln 2 n) bits; n = 5 leaves 2 - 0.4328.
  EXPECT_NEAR(first(), 1.5672, kTolerance);
  EXPECT_EQ(heights_of(logo_svg(motif, options), 2, 2, options).at(1), Column{});
  motif.sites = 1;
  EXPECT_EQ(first(), 0);
  motif.sites = 0;  // not known
  EXPECT_NEAR(first(), 2, kTolerance);
}

TEST(Logo, FrequenciesFillTheHeight) {
  const Motif motif = some_motif(12);
  LogoOptions options;
  options.frequencies = true;
  expect_heights(heights_of(logo_svg(motif, options), 12, 1, options), motif.columns);
}

TEST(Logo, AColumnWithoutInformationIsEmpty) {
  const Motif motif{"flat", "", std::vector<Column>(5, kUniform), 10};
  EXPECT_TRUE(logos_of(logo_svg(motif, {})).at(0).empty());
  LogoOptions options;
  options.frequencies = true;
  EXPECT_EQ(logos_of(logo_svg(motif, options)).at(0).size(), 20U);
}

// Words of signs: what stands in one line, from left to right, by the line's y.
std::map<double, std::string> lines_of_signs(const std::string& svg) {
  std::map<double, std::map<double, std::string>> lines;
  for (const auto& element : test::Xml("<?xml?>" + svg).elements) {
    const std::string id = glyph_of(element);
    if (element.attributes.count("x") == 0 || id.empty()) continue;
    lines[element.number("y")][element.number("x")] = id;
  }
  std::map<double, std::string> words;
  for (const auto& [y, signs] : lines) {
    double end = -1e9;
    for (const auto& [x, id] : signs) {
      EXPECT_GE(x, end) << "signs overlap in " << svg;
      words[y] += (x > end + 3 && !words[y].empty() ? " " : "") +
                  (id == "logo-point" ? "." : id.substr(id.size() - 1));
      end = x + 6;
    }
  }
  return words;
}

std::vector<std::string> signs_of(std::size_t width, LogoOptions options) {
  options.shared_glyphs = true;
  std::vector<std::string> words;
  for (const auto& [y, word] : lines_of_signs(logo_svg(some_motif(width), options))) {
    words.push_back(word);
  }
  return words;
}

TEST(Logo, AxesAreLabelled) {
  using Words = std::vector<std::string>;
  LogoOptions options;
  EXPECT_EQ(signs_of(12, options), (Words{"2", "bits", "1", "0", "1 2 3 4 5 6 7 8 9 10 11 12"}));
  options.column_width = 8;
  EXPECT_EQ(signs_of(22, options), (Words{"2", "bits", "1", "0", "1 5 10 15 20"}));
  options.frequencies = true;
  EXPECT_EQ(signs_of(3, options), (Words{"1", "p", "0.5", "0", "1 2 3"}));
  options = {};
  options.background = {0.05, 0.45, 0.45, 0.05};
  EXPECT_EQ(signs_of(1, options).at(1), "4");  // after "bits"
  options.background = {1e-30, 0.5, 0.25, 0.25};
  EXPECT_LE(signs_of(1, options).size(), 12U);
  options.column_width = 1;
  EXPECT_EQ(signs_of(200, options).at(signs_of(200, options).size() - 1),
            "1 20 40 60 80 100 120 140 160 180 200");
  options.axes = false;
  EXPECT_TRUE(signs_of(30, options).empty());
}

TEST(Logo, LettersFillTheUnitSquare) {
  std::set<std::string> colours;
  for (const auto& path : elements_of("<?xml?>" + logo_glyphs(), "path")) {
    if (path.attributes.at("id").size() != 5 || path.attributes.count("fill") == 0) continue;
    colours.insert(path.attributes.at("fill"));
    std::string outline = path.attributes.at("d");
    EXPECT_EQ(outline.find_first_not_of("MLHVCSZ.0123456789 "), std::string::npos);
    double least = 1;
    double most = 0;
    for (std::size_t at = 0;
         (at = outline.find_first_of(".0123456789", at)) != std::string::npos;) {
      // ".5.25" are two numbers.
      std::size_t end = outline.find_first_not_of("0123456789", at + 1);
      if (end != std::string::npos && outline[at] != '.' && outline[end] == '.') {
        end = outline.find_first_not_of("0123456789", end + 1);
      }
      const double number = std::stod(outline.substr(at, end - at));
      least = std::min(least, number);
      most = std::max(most, number);
      at = std::min(end, outline.size());
    }
    EXPECT_EQ(least, 0);
    EXPECT_EQ(most, 1);
  }
  EXPECT_EQ(colours.size(), 4U);
}

TEST(Logo, NamesAreEscapedAndReadOut) {
  Motif motif = some_motif(3);
  motif.id = "<&\">'";
  motif.name = "\xce\xb2-\xe6\x97\xa5</title><script>";
  for (const bool reversed : {false, true}) {
    LogoOptions options;
    options.reverse_complement = reversed;
    const std::string svg = logo_svg(motif, options);
    const std::string title = elements_of(svg, "title").at(0).text;
    EXPECT_EQ(title.rfind(motif.id + " " + motif.name + (reversed ? ", reverse" : ": "), 0), 0U);
    EXPECT_TRUE(elements_of(svg, "script").empty());
  }
  LogoOptions options;
  options.title = "a & b";
  EXPECT_EQ(elements_of(logo_svg(motif, options), "title").at(0).text, "a & b");
  motif.name = "\xff\x01";
  EXPECT_NE(logo_svg(motif, {}).find("\xef\xbf\xbd\xef\xbf\xbd"), std::string::npos);
}

TEST(Logo, BytesDependOnNothingElse) {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::vector<Motif> motifs{some_motif(9), some_motif(1200)};
  const auto all = [&] {
    LogoOptions options;
    options.frequencies = true;
    return logo_svg(motifs[0], {}) + logo_svg(motifs[1], options) + logo_sheet(motifs, {}) +
           aligned_logos(motifs[0], motifs[1], 1100, true, {});
  };
  const std::string plain = all();
  EXPECT_EQ(plain, all());
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  const std::string other = all();
  std::locale::global(before);
  EXPECT_TRUE(plain == other);
}

TEST(Logo, WhatIsNoMotifIsRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const Column& column : {Column{kNan, 0.5, 0.25, 0.25}, Column{0.5, 0.5, 0.5, 0.5},
                               Column{1.5, -0.5, 0, 0}, Column{0, 0, 0, 0}}) {
    EXPECT_THROW(logo_svg({"m", "", {kUniform, column}, 0}, {}), std::invalid_argument);
  }
  EXPECT_THROW(logo_svg({"m", "", {}, 0}, {}), std::invalid_argument);
  for (const double size : {0.0, -1.0, kNan, std::numeric_limits<double>::infinity()}) {
    LogoOptions options;
    options.height = size;
    EXPECT_THROW(logo_svg(some_motif(2), options), std::invalid_argument);
    options = {};
    options.column_width = size;
    EXPECT_THROW(logo_svg(some_motif(2), options), std::invalid_argument);
  }
  LogoOptions options;
  options.background = {0, 0.5, 0.25, 0.25};
  EXPECT_THROW(logo_svg(some_motif(2), options), std::invalid_argument);
}

}  // namespace
}  // namespace explainn::model
