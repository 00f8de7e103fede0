// Binding modes against their definition: all pairs compared anew, motifs laid over each other by
// hand.
#include "model/motif/binding_modes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "data/motif_reader.h"
#include "model/motif/matrix.h"
#include "model/motif/typical_motifs.h"
#include "tests/support/motif_definition.h"
#include "tests/support/threads.h"

namespace explainn::model {
namespace {

using test::Column;
using test::Columns;

const std::string kKnown =
    std::string(EXPLAINN_TEST_FILES) + "/../cli/demo/JASPAR2020_vertebrates.meme.gz";

// [n, n] the matches of all pairs, query by query, targets in the order of the file.
std::vector<MotifMatch> all_pairs(const data::MotifFile& file) {
  ComparisonOptions options;
  options.threshold = 1;
  data::MotifFile targets = file;
  targets.motifs.insert(targets.motifs.end(), typical_motifs().begin(), typical_motifs().end());
  std::vector<MotifMatch> pairs = compare_motifs(file, targets, options);
  std::erase_if(pairs, [&](const MotifMatch& m) { return m.target >= file.motifs.size(); });
  std::sort(pairs.begin(), pairs.end(), [](const MotifMatch& a, const MotifMatch& b) {
    return std::pair(a.query, a.target) < std::pair(b.query, b.target);
  });
  return pairs;
}

double farthest(const std::vector<MotifMatch>& pairs, std::size_t n,
                const std::vector<ModeMember>& some, const std::vector<ModeMember>& others) {
  float largest = 0;
  for (const ModeMember& a : some) {
    for (const ModeMember& b : others) {
      if (a.motif == b.motif) continue;
      largest = std::max({largest, pairs[a.motif * n + b.motif].p, pairs[b.motif * n + a.motif].p});
    }
  }
  return static_cast<double>(largest);
}

TEST(BindingModes, OfKnownMotifsAreCompleteAndDistinct) {
  const data::MotifFile known = data::read_motif_file(kKnown);
  const std::size_t n = known.motifs.size();
  ASSERT_EQ(n, 746U);  // all of them informative
  const std::vector<MotifMatch> pairs = all_pairs(known);
  const std::vector<BindingMode> modes = binding_modes(known, {});
  std::set<std::size_t> seen;
  for (std::size_t m = 0; m < modes.size(); ++m) {
    const BindingMode& mode = modes[m];
    EXPECT_LE(mode.members.size(), modes[m == 0 ? 0 : m - 1].members.size());
    EXPECT_LE(farthest(pairs, n, mode.members, mode.members), kSameMotif);
    bool own = false;
    const double radius = farthest(pairs, n, {{mode.representative, false, 0, 0}}, mode.members);
    for (const ModeMember& member : mode.members) {
      EXPECT_TRUE(seen.insert(member.motif).second);
      const MotifMatch& pair = pairs[mode.representative * n + member.motif];
      EXPECT_EQ(member.start, -pair.offset);
      EXPECT_EQ(member.reverse, pair.reverse);
      EXPECT_EQ(member.p, static_cast<double>(
                              std::max(pair.p, pairs[member.motif * n + mode.representative].p)));
      EXPECT_LE(radius, farthest(pairs, n, {member}, mode.members));
      if (member.motif != mode.representative) continue;
      own = true;
      EXPECT_EQ(member.start, 0);
      EXPECT_FALSE(member.reverse);
    }
    EXPECT_TRUE(own);
    for (std::size_t other = 0; other < m; ++other) {
      EXPECT_GT(farthest(pairs, n, mode.members, modes[other].members), kSameMotif);
    }
  }
  EXPECT_EQ(seen.size(), n);
}

TEST(BindingModes, AreTheSameForAnyNumberOfThreads) {
  const data::MotifFile known = data::read_motif_file(kKnown);
  data::MotifFile some{known.background, {known.motifs.begin(), known.motifs.begin() + 300}};
  std::vector<std::vector<BindingMode>> found;
  for (const int threads : {1, 3}) {
    const test::ThreadCount count(threads);
    found.push_back(binding_modes(some, {}));
  }
  ASSERT_EQ(found[0].size(), found[1].size());
  for (std::size_t m = 0; m < found[0].size(); ++m) {
    EXPECT_EQ(found[0][m].representative, found[1][m].representative);
    EXPECT_EQ(found[0][m].archetype.columns, found[1][m].archetype.columns);
  }
}

// A motif that nothing but itself looks like: a letter of 85 % in each column.
Columns sharp(const std::string& letters) {
  Columns columns;
  for (const char letter : letters) {
    Column column{0.05, 0.05, 0.05, 0.05};
    column[std::string("ACGT").find(letter)] = 0.85;
    columns.push_back(column);
  }
  return columns;
}

data::Motif motif(const std::string& id, const Columns& columns, double sites) {
  return {.id = id, .name = "", .columns = columns, .sites = sites};
}

// Some that look like nothing.
void add_others(data::MotifFile& file) {
  std::mt19937 random(7);
  for (int i = 0; i < 12; ++i) {
    std::string letters;
    for (int k = 0; k < 12; ++k) letters += "ACGT"[random() % 4];
    file.motifs.push_back(motif("other" + std::to_string(i), sharp(letters), 20));
  }
}

void expect_columns(const Columns& found, const Columns& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    for (std::size_t b = 0; b < 4; ++b) EXPECT_NEAR(found[k][b], expected[k][b], 1e-12);
  }
}

constexpr const char* kWord = "GATTACCAGGCTCA";

TEST(BindingModes, LayShiftedAndTurnedMotifsOverEachOther) {
  const Columns word = sharp(kWord);
  data::MotifFile file;
  file.motifs.push_back(motif("whole", word, 100));
  file.motifs.push_back(motif("later", {word.begin() + 2, word.end()}, 10));
  data::Motif turned = motif("turned", {word.begin(), word.end() - 1}, 30);
  turned = reverse_complement(turned);
  file.motifs.push_back(turned);
  add_others(file);
  const std::vector<BindingMode> modes = binding_modes(file, {});
  ASSERT_EQ(modes[0].members.size(), 3U);
  EXPECT_EQ(modes[0].representative, 0U);
  EXPECT_EQ(modes[0].archetype.name, "whole");
  EXPECT_EQ(modes[0].archetype.sites, 140);
  expect_columns(modes[0].archetype.columns, word);
  EXPECT_EQ(modes[0].members[1].start, 2);
  EXPECT_FALSE(modes[0].members[1].reverse);
  EXPECT_EQ(modes[0].members[2].start, 0);
  EXPECT_TRUE(modes[0].members[2].reverse);
}

TEST(BindingModes, CountMembersByTheirSites) {
  const Columns word = sharp(kWord);
  Columns blunt = word;
  for (Column& column : blunt) {
    for (double& share : column) share = 0.8 * share + 0.05;
  }
  for (const double sites : {30.0, 0.0}) {
    data::MotifFile file;
    file.motifs.push_back(motif("a", word, 10));
    file.motifs.push_back(motif("b", blunt, sites));
    add_others(file);
    const BindingMode mode = binding_modes(file, {})[0];
    ASSERT_EQ(mode.members.size(), 2U);
    EXPECT_EQ(mode.representative, sites > 10 ? 1U : 0U);
    EXPECT_EQ(mode.archetype.sites, sites > 0 ? 40 : 0);
    Columns expected = word;
    for (std::size_t k = 0; k < word.size(); ++k) {
      for (std::size_t b = 0; b < 4; ++b) {
        expected[k][b] =
            sites > 0 ? (10 * word[k][b] + 30 * blunt[k][b]) / 40 : (word[k][b] + blunt[k][b]) / 2;
      }
    }
    expect_columns(mode.archetype.columns, expected);
  }
}

TEST(BindingModes, ArchetypesHaveTheColumnsOfHalfTheMembers) {
  const Columns word = sharp(kWord);
  const auto part = [&](std::ptrdiff_t first, std::ptrdiff_t end) {
    return Columns{word.begin() + first, word.begin() + end};
  };
  data::MotifFile file;
  file.motifs.push_back(motif("core", part(2, 12), 20));
  file.motifs.push_back(motif("core2", part(2, 12), 20));
  file.motifs.push_back(motif("left", part(1, 12), 20));
  file.motifs.push_back(motif("left2", part(0, 12), 20));
  add_others(file);
  const BindingMode mode = binding_modes(file, {})[0];
  ASSERT_EQ(mode.members.size(), 4U);
  // Two of four have the column before the core, one has the one before that.
  expect_columns(mode.archetype.columns, part(1, 12));
}

TEST(BindingModes, ArchetypesHaveAllColumnsOfTheRepresentative) {
  const Columns word = sharp("GATTACCAGGCTCATGAC");
  data::MotifFile file;
  file.motifs.push_back(motif("whole", word, 20));
  for (const std::ptrdiff_t first : {0, 6, 12}) {
    file.motifs.push_back(motif("part" + std::to_string(first),
                                {word.begin() + first, word.begin() + first + 5}, 20));
  }
  // At this p-value everything is one mode; three columns are the representative's alone.
  const std::vector<BindingMode> modes = binding_modes(file, {{}, 1});
  ASSERT_EQ(modes.size(), 1U);
  EXPECT_EQ(modes[0].representative, 0U);
  expect_columns(modes[0].archetype.columns, word);
}

TEST(FirstAlike, TakesWhatNoBetterOneLooksLike) {
  const data::MotifFile known = data::read_motif_file(kKnown);
  const std::size_t n = known.motifs.size();
  const std::vector<MotifMatch> pairs = all_pairs(known);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < n; ++i) order.push_back((i * 37) % n);
  const std::vector<std::size_t> stands = first_alike(known, {}, order);
  ASSERT_EQ(stands.size(), order.size());
  std::vector<std::size_t> taken;
  const auto alike = [&](std::size_t a, std::size_t b) {
    return std::max(pairs[a * n + b].p, pairs[b * n + a].p) <= kSameMotif;
  };
  std::size_t differ = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto better = std::find_if(taken.begin(), taken.end(),
                                     [&](std::size_t other) { return alike(order[i], other); });
    const std::size_t expected = better == taken.end() ? order[i] : *better;
    differ += stands[i] != expected ? 1 : 0;
    if (expected == order[i]) taken.push_back(order[i]);
  }
  EXPECT_EQ(differ, 0U);
}

TEST(BindingModes, LeaveMotifsWithoutInformationOut) {
  data::MotifFile file;
  file.motifs.push_back(motif("flat", Columns(8, Column{0.25, 0.25, 0.25, 0.25}), 20));
  EXPECT_TRUE(binding_modes(file, {}).empty());
  file.motifs.push_back(motif("word", sharp(kWord), 20));
  const std::vector<BindingMode> modes = binding_modes(file, {});
  ASSERT_EQ(modes.size(), 1U);
  EXPECT_EQ(modes[0].representative, 1U);
  EXPECT_EQ(modes[0].members.size(), 1U);
  EXPECT_TRUE(binding_modes({}, {}).empty());
}

// What is a mode among all is one by itself, but for a few at the edge.
TEST(BindingModes, DependLittleOnWhatElseIsThere) {
  const data::MotifFile known = data::read_motif_file(kKnown);
  int whole = 0;
  int tried = 0;
  for (const BindingMode& mode : binding_modes(known, {})) {
    if (mode.members.size() < 2) continue;
    data::MotifFile alone{known.background, {}};
    for (const ModeMember& member : mode.members)
      alone.motifs.push_back(known.motifs[member.motif]);
    ++tried;
    whole += binding_modes(alone, {}).size() == 1 ? 1 : 0;
  }
  EXPECT_GT(tried, 100);
  EXPECT_GE(whole, tried * 9 / 10);
}

TEST(BindingModes, RefuseWhatMakesNoSense) {
  data::MotifFile file;
  file.motifs.push_back(motif("word", sharp(kWord), 20));
  for (const double p : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(binding_modes(file, {{}, p}), std::invalid_argument);
    EXPECT_THROW(first_alike(file, {{}, p}, {}), std::invalid_argument);
  }
}

}  // namespace
}  // namespace explainn::model
