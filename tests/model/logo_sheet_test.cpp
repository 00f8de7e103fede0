// Several logos in one picture: pairs that are aligned, and sheets.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/motif/logo.h"
#include "tests/support/logo_reader.h"
#include "tests/support/xml.h"

namespace explainn::model {
namespace {

using data::Motif;
using test::Element;
using test::elements_of;
using test::logos_of;
using test::PlacedLetter;

// A motif of certain letters.
Motif exact(const std::string& id, const std::string& letters) {
  Motif motif{id, "", {}, 20};
  for (const char letter : letters) {
    motif.columns.push_back({});
    motif.columns.back()[std::string("ACGT").find(letter)] = 1;
  }
  return motif;
}

std::map<double, char> letters_by_x(const std::vector<PlacedLetter>& logo) {
  std::map<double, char> letters;
  for (const PlacedLetter& letter : logo) letters[letter.x] = letter.base;
  return letters;
}

std::string text_of(const std::vector<PlacedLetter>& logo) {
  std::string text;
  for (const auto& [x, base] : letters_by_x(logo)) text += base;
  return text;
}

TEST(AlignedLogos, AlignedColumnsStandOverEachOther) {
  const Motif query = exact("query", "ACCGT");
  const Motif target = exact("target", "TTACCGTAA");
  for (const bool shared : {false, true}) {
    for (const std::int64_t offset : {-4, -1, 0, 2, 8}) {
      LogoOptions options;
      options.shared_glyphs = shared;
      const std::string svg =
          (shared ? "<?xml?>" : "") + aligned_logos(query, target, offset, false, options);
      const auto logos = logos_of(svg);
      ASSERT_EQ(logos.size(), 2U);
      EXPECT_EQ(text_of(logos[0]), "ACCGT");
      EXPECT_EQ(text_of(logos[1]), "TTACCGTAA");
      const double shift = logos[0][0].x - logos[1][0].x;
      EXPECT_NEAR(shift, static_cast<double>(offset) * options.column_width, 1e-9);
      EXPECT_GT(logos[1][0].y, logos[0][0].y + options.height);
      // The shade lies behind the columns that both have.
      const Element shade = elements_of(svg, "rect").at(0);
      const double begin = std::max(logos[0].front().x, logos[1].front().x);
      const double end = std::min(logos[0].back().x, logos[1].back().x) + options.column_width;
      EXPECT_NEAR(shade.number("x"), begin, 1e-9);
      EXPECT_NEAR(shade.number("width"), end - begin, 1e-9);
      EXPECT_LE(shade.number("y"), logos[0][0].y);
      EXPECT_GE(shade.number("y") + shade.number("height"), logos[1][0].y + options.height - 1e-9);
      const Element root = elements_of(svg, "svg").at(0);
      for (const auto& logo : logos) {
        for (const PlacedLetter& letter : logo) {
          EXPECT_GE(letter.x, 0);
          EXPECT_LE(letter.x + letter.width, root.number("width"));
          EXPECT_LE(letter.y + letter.height, root.number("height"));
        }
      }
    }
  }
}

TEST(AlignedLogos, TheOtherStrandIsThatOfTheTarget) {
  const std::string svg = aligned_logos(exact("q", "AAC"), exact("t", "GGTTT"), 1, true, {});
  const auto logos = logos_of(svg);
  EXPECT_EQ(text_of(logos.at(0)), "AAC");
  EXPECT_EQ(text_of(logos.at(1)), "AAACC");
  EXPECT_EQ(elements_of(svg, "title").at(0).text, "q over t, reverse complement");
  EXPECT_EQ(elements_of(svg, "text").at(1).text, "t, reverse complement");
}

TEST(AlignedLogos, MotifsThatDoNotMeetAreRefused) {
  const Motif query = exact("q", "AAC");
  const Motif target = exact("t", "GGTTT");
  EXPECT_THROW(aligned_logos(query, target, 5, false, {}), std::invalid_argument);
  EXPECT_THROW(aligned_logos(query, target, -3, false, {}), std::invalid_argument);
}

std::vector<Motif> some_motifs(std::size_t count) {
  std::vector<Motif> motifs;
  for (std::size_t i = 0; i < count; ++i) {
    std::string letters;
    for (std::size_t k = 0; k < 5 + i * 7 % 15; ++k) letters += "ACGT"[(i + k * k) % 4];
    motifs.push_back(exact("MA" + std::to_string(i), letters));
    motifs.back().name = i % 3 == 0 ? "" : "NAME" + std::to_string(i);
  }
  return motifs;
}

// The place of each motif in a sheet.
std::vector<std::vector<double>> cells_of(const std::string& svg) {
  std::vector<std::vector<double>> cells;
  for (const Element& group : elements_of(svg, "g")) {
    if (group.attributes.count("role") == 0) continue;
    cells.push_back(test::transform_numbers(group.attributes.at("transform"), "translate"));
  }
  return cells;
}

TEST(LogoSheet, HoldsEachMotifOnceWithItsName) {
  const auto motifs = some_motifs(100);
  const std::string svg = logo_sheet(motifs, {});
  const auto logos = logos_of(svg);
  ASSERT_EQ(logos.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) {
    std::string letters;
    for (const auto& column : motifs[i].columns) {
      letters += "ACGT"[std::max_element(column.begin(), column.end()) - column.begin()];
    }
    EXPECT_EQ(text_of(logos[i]), letters);
  }
  std::vector<std::string> words;
  for (const Element& span : elements_of(svg, "tspan")) words.push_back(span.text);
  std::vector<std::string> expected;
  for (const Motif& motif : motifs) {
    expected.push_back(motif.id);
    if (!motif.name.empty()) expected.push_back(motif.name);
    expected.emplace_back("20 sites");
  }
  EXPECT_EQ(words, expected);
  EXPECT_EQ(elements_of(svg, "defs").size(), 1U);
  EXPECT_EQ(elements_of(svg, "title").size(), 101U);
}

TEST(LogoSheet, IsAGridLikeAPage) {
  const std::string svg = logo_sheet(some_motifs(100), {});
  const Element root = elements_of(svg, "svg").at(0);
  EXPECT_EQ(root.attributes.at("role"), "group");  // so that each logo in it is read out
  const double ratio = root.number("height") / root.number("width");
  EXPECT_GT(ratio, 1.1);
  EXPECT_LT(ratio, 1.8);
  const auto cells = cells_of(svg);
  ASSERT_EQ(cells.size(), 100U);
  const double widest = logo_size(19, {}).width;
  const double height = logo_size(19, {}).height;
  std::set<std::vector<double>> places(cells.begin(), cells.end());
  EXPECT_EQ(places.size(), 100U);
  for (const auto& cell : cells) {
    EXPECT_LE(cell.at(0) + widest, root.number("width"));
    EXPECT_LE(cell.at(1) + height, root.number("height"));
    for (const auto& other : cells) {
      const double x = std::abs(cell[0] - other[0]);
      const double y = std::abs(cell[1] - other[1]);
      EXPECT_TRUE((x == 0 && y == 0) || x > widest || y > height);
    }
  }
}

TEST(LogoSheet, OneWideMotifDoesNotWidenTheOthers) {
  auto motifs = some_motifs(9);
  motifs.push_back(exact("wide", std::string(200, 'G')));
  const std::string svg = logo_sheet(motifs, {});
  const auto logos = logos_of(svg);
  ASSERT_EQ(logos.at(9).size(), 200U);
  EXPECT_NEAR(logos[9].back().x + logos[9].back().width - logos[9].front().x, 600, 0.1);
  EXPECT_NEAR(logos[0].front().width, 20, 1e-9);
}

TEST(LogoSheet, LongAndStrangeNamesAreCutInWholeLetters) {
  std::vector<Motif> motifs{exact("<&\">", "ACGT"), exact("b", "ACGT")};
  for (int i = 0; i < 60; ++i) motifs[1].id += "\xc3\xa9";
  motifs[0].name = "\xe6\x97\xa5\xe6\x9c\xac";
  const std::string svg = logo_sheet(motifs, {});
  EXPECT_EQ(svg.find("\xef\xbf\xbd"), std::string::npos);
  const auto spans = elements_of(svg, "tspan");
  EXPECT_EQ(spans.at(0).text, "<&\">");
  EXPECT_EQ(spans.at(1).text, motifs[0].name);
  const std::string cut = spans.at(3).text;
  EXPECT_LT(cut.size(), 60U);
  EXPECT_EQ(cut.substr(cut.size() - 4), "\xc3\xa9..");
  EXPECT_NE(svg.find("<title>" + motifs[1].id), std::string::npos);  // in full for screen readers
}

TEST(LogoSheet, OfNoMotifsOrOne) {
  EXPECT_TRUE(logos_of(logo_sheet({}, {})).empty());
  const std::vector<Motif> one{exact("m", "A")};
  EXPECT_EQ(logos_of(logo_sheet(one, {})).size(), 1U);
}

}  // namespace
}  // namespace explainn::model
