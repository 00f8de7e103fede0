// Motifs of planted sites: which are findings, which are pieces of others; counts against a scan
// written anew.
#include "model/motif/discovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "model/motif/matrix.h"
#include "tests/support/tiny_data.h"

namespace explainn::model {
namespace {

constexpr double kPseudocount = 0.1;
using Bases = std::vector<data::Base>;

data::Motif motif_of(const std::string& letters, double strength) {
  data::Motif motif;
  motif.sites = 100;
  for (const char letter : letters) {
    auto& column = motif.columns.emplace_back();
    column.fill(letter == 'N' ? 0.25 : (1 - strength) / 3);
    if (letter != 'N') column[data::kBaseLetters.find(letter)] = strength;
  }
  return motif;
}

// Positives have a site of the first motif or, the fewer, of the second, on either strand.
class DiscoveredMotifs : public testing::Test {
 protected:
  static constexpr std::int64_t kRows = 2400;

  DiscoveredMotifs() {
    const std::string sites[] = {"CACTTCCTCTGG", "TGACTCATGA"};
    data_.targets = {"bound"};
    data_.label_columns = 1;
    for (std::int64_t i = 0; i < kRows; ++i) {
      const bool positive = i % 2 == 0;
      Bases bases = test::random_bases(static_cast<std::uint64_t>(7 * i), 50, 0.002);
      if (positive) plant(bases, sites[i % 10 == 0 ? 1 : 0]);
      data_.sequences.add(bases);
      data_.labels.push_back(positive ? 1 : 0);
      data_.splits.push_back(i / 2 % 3 == 0   ? data::Split::train
                             : i / 2 % 3 == 1 ? data::Split::valid
                                              : data::Split::test);
    }
    // The third says what the first's right half says, and much else; the last says nothing here.
    add(motif_of("NNCACTTCCTCTGGNN", 0.9));
    add(motif_of("NTGACTCATGAN", 0.9));
    add(motif_of("CCTCTGGATAGCTAA", 0.7));
    add(motif_of("GGATTTAGCA", 0.8));
  }

  const Bases& row(std::int64_t i) {
    rows_[i].assign(data_.sequences[i].begin(), data_.sequences[i].end());
    return rows_[i];
  }

  data::Dataset data_;
  Interpretation result_;

 private:
  void plant(Bases& bases, const std::string& site) {
    const std::size_t at = random_() % (bases.size() - site.size());
    const bool turned = random_() % 2 == 0;
    for (std::size_t k = 0; k < site.size(); ++k) {
      const auto letter = [&](std::size_t j) {
        return static_cast<data::Base>(data::kBaseLetters.find(site[j]));
      };
      bases[at + k] = turned ? data::complement(letter(site.size() - 1 - k)) : letter(k);
    }
  }
  void add(data::Motif motif) {
    motif.id = "filter" + std::to_string(result_.sites.size());
    result_.motifs.motifs.push_back(motif);
    result_.sites.push_back(100);
  }

  std::map<std::int64_t, Bases> rows_;
  std::mt19937 random_{11};
};

// The scan written anew.
std::int32_t score(const Bases& bases, std::size_t at, const ScoreColumns& columns, bool turned) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const data::Base base = bases[at + k];
    if (base == data::kUnknownBase) return std::numeric_limits<std::int32_t>::min();
    sum += turned ? columns[columns.size() - 1 - k][data::complement(base)] : columns[k][base];
  }
  return sum;
}

std::int32_t best_score(const Bases& bases, const ScoreColumns& columns) {
  std::int32_t best = std::numeric_limits<std::int32_t>::min();
  for (std::size_t at = 0; at + columns.size() <= bases.size(); ++at) {
    best = std::max({best, score(bases, at, columns, false), score(bases, at, columns, true)});
  }
  return best;
}

struct Part {
  std::vector<Bases> rows;
  std::vector<float> labels;

  HitTable hits(const ScoreColumns& columns, std::int32_t threshold) const {
    HitTable table;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool hit = best_score(rows[i], columns) >= threshold;
      ++(labels[i] > 0.5F ? table.positives : table.negatives);
      if (hit) ++(labels[i] > 0.5F ? table.positives_hit : table.negatives_hit);
    }
    return table;
  }
  // By trying every score that tells more positives than negatives.
  std::int32_t most_enriched(const FisherTest& fisher, const ScoreColumns& columns) const {
    double least = 0;
    std::int32_t threshold = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> tried;
    for (const Bases& bases : rows) tried.push_back(best_score(bases, columns));
    std::sort(tried.rbegin(), tried.rend());
    tried.erase(std::unique(tried.begin(), tried.end()), tried.end());
    for (const std::int32_t one : tried) {
      const HitTable table = hits(columns, one);
      const bool enriched =
          table.positives_hit * table.negatives > table.negatives_hit * table.positives;
      const double p = fisher.log10_p(table);
      if (enriched && p < least) {
        least = p;
        threshold = one;
      }
    }
    return threshold;
  }
  void take(const ScoreColumns& columns, std::int32_t threshold) {
    for (Bases& bases : rows) {
      std::vector<std::size_t> sites;
      for (std::size_t at = 0; at + columns.size() <= bases.size(); ++at) {
        const auto reaches = [&](bool turned) {
          return score(bases, at, columns, turned) >= threshold;
        };
        if (reaches(false) || reaches(true)) sites.push_back(at);
      }
      for (const std::size_t at : sites) {
        std::fill_n(bases.begin() + static_cast<std::ptrdiff_t>(at), columns.size(),
                    data::kUnknownBase);
      }
    }
  }
};

void expect_equal(const HitTable& a, const HitTable& b) {
  EXPECT_EQ(a.positives, b.positives);
  EXPECT_EQ(a.negatives, b.negatives);
  EXPECT_EQ(a.positives_hit, b.positives_hit);
  EXPECT_EQ(a.negatives_hit, b.negatives_hit);
}

TEST_F(DiscoveredMotifs, PiecesOfOneSiteAreOneFinding) {
  const std::vector<DiscoveredMotif> found = discover_motifs(result_, data_, ScanStrands::both);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].motif, 0U);
  for (const DiscoveredMotif& one : found) {
    SCOPED_TRACE(one.motif);
    EXPECT_EQ(one.significant(), one.motif < 2);
    if (one.motif == 1) {
      EXPECT_LT(one.overlap, 0.2);
    }
    if (one.motif == 2) {
      // Alone it would be a finding.
      EXPECT_LT(one.log10_p, -5);
      EXPECT_EQ(one.overlaps, 0U);
      EXPECT_GT(one.overlap, 0.5);
    }
  }
}

TEST_F(DiscoveredMotifs, HitsAreThoseOfAScanWrittenAnew) {
  const std::vector<DiscoveredMotif> found = discover_motifs(result_, data_, ScanStrands::both);
  ASSERT_EQ(found.size(), 4U);
  Part valid;
  Part test;
  for (std::int64_t i = 0; i < kRows; ++i) {
    if (data_.splits[i] == data::Split::train) continue;
    Part& part = data_.splits[i] == data::Split::valid ? valid : test;
    part.rows.push_back(row(i));
    part.labels.push_back(data_.labels[i]);
  }
  const Part all = test;
  const FisherTest fisher(static_cast<std::int64_t>(test.rows.size()));
  const data::MotifFile file = data::as_written(result_.motifs);
  for (const DiscoveredMotif& one : found) {
    SCOPED_TRACE(one.motif);
    const data::Motif& motif = file.motifs[one.motif];
    const ScoreColumns whole = score_columns(motif, file.background, kPseudocount);
    const auto threshold = static_cast<std::int32_t>(
        std::lround(static_cast<double>(one.threshold) * engine::kScoresPerBit));
    expect_equal(one.hits, all.hits(whole, threshold));
    EXPECT_EQ(one.log10_p, fisher.log10_p(one.hits));
    const ScoreColumns core = score_columns(trim(motif, 0.25), file.background, kPseudocount);
    const std::int32_t own = valid.most_enriched(fisher, core);
    expect_equal(one.own, test.hits(core, own));
    EXPECT_EQ(one.log10_own_p, fisher.log10_p(one.own));
    EXPECT_EQ(one.log10_e, std::min(one.log10_own_p + std::log10(4.0), 0.0));
    if (!one.significant()) continue;
    valid.take(core, own);
    test.take(core, own);
  }
}

TEST_F(DiscoveredMotifs, OneStrandFindsTheSitesOfOneStrand) {
  const std::vector<DiscoveredMotif> both = discover_motifs(result_, data_, ScanStrands::both);
  const std::vector<DiscoveredMotif> one = discover_motifs(result_, data_, ScanStrands::forward);
  EXPECT_EQ(one[0].motif, 0U);
  EXPECT_GT(both[0].hits.positives_hit, 3 * one[0].hits.positives_hit / 2);
  EXPECT_TRUE(one[0].significant());
}

}  // namespace
}  // namespace explainn::model
