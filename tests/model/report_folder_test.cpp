// The folder that a report is made from: read back as it was written, and refused where its tables
// do not agree.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "data/motif_file.h"
#include "kernels/base/error.h"
#include "model/report/report.h"
#include "tests/support/made_report.h"
#include "tests/support/text_files.h"
#include "tests/support/xml.h"

namespace explainn::model::report {
namespace {

using made::as_xml;
using made::motif_of;
using made::report_of;

class ReportFolder : public data::ReaderTest {
 protected:
  // What interpret would write for two filters, the second without sites.
  void write_folder(const std::string& changed = "", const std::string& text = "") const {
    std::mt19937 random(5);
    Facts facts = report_of(2, 2).facts;
    facts.tasks = {"one", "annotation"};
    const std::map<std::string, std::string> files{
        {"report.json", facts_text(facts)},
        {"filters.tsv",
         "filter\tannotation\tmotif\tp-value\tE-value\tq-value\toverlap\toffset\torientation\t"
         "sites\tmax_activation\tinformation\tconsensus\ttop_task\timportance\n"
         "filter0\tCTCF\tM1\t1e-9\t2e-9\t3e-09\t10\t-1\t-\t7\t2.5\t8\tACGT\tone\t0.125\n"
         "filter1\tdead\t\t\t\t\t\t\t\t0\t0\t\t\t\tnan\n# a comment\n"},
        {"weights.tsv",
         "filter\tannotation\tone\tannotation\nfilter0\tCTCF\t1\t-2\nfilter1\tdead\t3\t4\n"},
        {"importances.tsv",
         "filter\tannotation\tone\tannotation\nfilter0\tCTCF\t0.125\t-0.25\n"
         "filter1\tdead\tnan\tnan\n"},
        {"effects.tsv",
         "filter\tannotation\tone\tannotation\nfilter0\tCTCF\t0.5\t-1e-05\n"
         "filter1\tdead\t0\tnan\n"},
        {"filters.meme", data::meme_text({.motifs = {motif_of("filter0", random, 6)}})},
        {"modes.tsv",
         "mode\tmotif\tsites\trepresentative\tstart\torientation\n"
         "mode1\tfilter0\t7\tyes\t0\t+\n"},
        {"archetypes.meme", data::meme_text({.motifs = {motif_of("mode1", random, 7)}})},
        {"tomtom.tsv", "Query_ID\tTarget_ID\tq-value\nfilter0\tM1\t3e-09\nfilter0\tM2\t0.01\n"}};
    for (const auto& [name, content] : files) write(name, name == changed ? text : content);
  }
};

TEST_F(ReportFolder, IsReadBack) {
  write_folder();
  const Report report = read_report(folder_);
  ASSERT_EQ(report.filters.size(), 2U);
  const Filter& named = report.filters[0];
  ASSERT_TRUE(named.match.has_value());
  EXPECT_EQ(named.match->motif, "M1");
  EXPECT_EQ(named.match->q.text, "3e-09");
  EXPECT_EQ(named.match->offset.value, -1);
  EXPECT_TRUE(named.match->reverse);
  EXPECT_EQ(named.weights[1].value, -2);
  EXPECT_EQ(named.importances[1].text, "-0.25");
  EXPECT_EQ(named.effects[1].value, -1e-5);
  EXPECT_EQ(named.matches[1].first, "M2");
  ASSERT_TRUE(named.motif.has_value());
  EXPECT_EQ(named.motif->columns.size(), 6U);
  EXPECT_TRUE(named.match->known_mode.empty());  // of a version that did not write it
  ASSERT_EQ(report.modes.size(), 1U);
  EXPECT_EQ(report.modes[0].members.size(), 1U);
  EXPECT_EQ(report.modes[0].archetype.columns.size(), 7U);
  EXPECT_TRUE(report.filters[1].dead());
  EXPECT_FALSE(report.filters[1].named());
  EXPECT_TRUE(std::isnan(report.filters[1].importances[0].value));
  const test::Xml page(as_xml(report_html(report)));
}

TEST_F(ReportFolder, ThatDoesNotFitTogetherIsRefusedWithFileAndLine) {
  const auto refuse = [this](const std::string& name, const std::string& text,
                             const std::string& part) {
    write_folder(name, text);
    const std::string error = error_of([this] { read_report(folder_); });
    EXPECT_TRUE(data::says(error, (folder_ / name).string(), part));
  };
  refuse("filters.tsv", "", "is empty");
  refuse("filters.tsv", "filter\tsites\n", "no filter");
  refuse("filters.tsv", "filter\tsites\nfilter0\t7\n", ":2: no column");
  refuse("weights.tsv", "filter\tone\ttwo\n", ":1: other tasks");
  refuse("weights.tsv", "filter\n", ":1: other tasks");
  refuse("weights.tsv", "filter\tone\tannotation\nfilter1\t1\t2\n", ":2: other filters");
  refuse("weights.tsv", "filter\tone\tannotation\nfilter0\t1\n",
         ":2: 2 fields under a header of 3");
  refuse("weights.tsv", "filter\tone\tannotation\nfilter0\t1\tx\n", ":2: the number 'x' is none");
  refuse("weights.tsv", "filter\tone\tannotation\nfilter0\t1\t2\n", "other filters");
  const std::string header = "mode\tmotif\tsites\trepresentative\tstart\torientation\n";
  refuse("modes.tsv", header + "mode1\tfilter1\t0\tyes\t0\t+\n", ":2: of other filters");
  refuse("modes.tsv", header + "mode1\tfilter0\t8\tyes\t0\t+\n", ":2: of other filters");
  refuse("modes.tsv", header + "mode2\tfilter0\t7\tyes\t0\t+\n",
         ":2: archetypes.meme has no 'mode2'");
  refuse("modes.tsv", header + "mode1\tfilter0\t7\tno\t0\t+\n", "mode1 has 0 representatives");
  for (const char* const start : {"", "0.5", "-6", "1e9"}) {
    refuse("modes.tsv", header + "mode1\tfilter0\t7\tyes\t" + start + "\t+\n", ":2: the start");
  }
  refuse("modes.tsv", "mode\tmotif\tsites\nmode1\tfilter0\t7\n", ":2: no column 'representative'");
  refuse("report.json", facts_text(report_of(3, 2).facts), "other filters");
}

TEST_F(ReportFolder, MotifsOfDiscoverAreReadWhereThereAreSome) {
  const std::string header =
      "rank\tmotif\tfilter\tconsensus\tsites\taucPR\taucROC\tpositives_hit\tpositives\t"
      "negatives_hit\tnegatives\tE-value\tsignificant\toverlaps\toverlap\tgroup\n";
  const auto row = [](const std::string& filter, const std::string& sites) {
    return "1\tmotif1\t" + filter + "\tACGT\t" + sites +
           "\t0.75\t0.5\t8\t10\t1\t9\t1e-400\tyes\tmotif7\t0.25\tfilter0,filter1\n";
  };
  write_folder();
  EXPECT_TRUE(read_report(folder_).discovered.empty());
  write(kDiscoveredFile, header + row("filter0", "7") + "# a comment\n");
  const std::vector<Discovered> found = read_report(folder_).discovered;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].unit, 0U);
  EXPECT_EQ(found[0].precision.text, "0.75");
  EXPECT_EQ(found[0].negatives.value, 9);
  EXPECT_EQ(found[0].e_value, "1e-400");
  EXPECT_TRUE(found[0].significant);
  EXPECT_EQ(found[0].overlaps, "motif7");
  EXPECT_EQ(found[0].overlap.value, 0.25);
  EXPECT_EQ(found[0].group, 2U);
  for (const char* const number : {"1e", "e-4", "<b>", "1e-4x"}) {
    std::string changed = row("filter0", "7");
    changed.replace(changed.find("1e-400"), 6, number);
    write(kDiscoveredFile, header + changed);
    EXPECT_TRUE(data::says(error_of([this] { read_report(folder_); }),
                           (folder_ / kDiscoveredFile).string(), ":2: the number"));
  }
  // Of another run.
  for (const std::string& other : {row("filter0", "8"), row("filter7", "7"), row("filter1", "0")}) {
    write(kDiscoveredFile, header + other);
    EXPECT_TRUE(data::says(error_of([this] { read_report(folder_); }),
                           (folder_ / kDiscoveredFile).string(), ":2: of other filters"));
  }
}

TEST_F(ReportFolder, FactsComeBackFromTheirFile) {
  const Facts written = report_of(12, 3).facts;
  const Facts facts = read_facts(write("report.json", facts_text(written)));
  EXPECT_EQ(facts_text(facts), facts_text(written));
  EXPECT_EQ(facts.tasks.size(), 3U);
  EXPECT_EQ(facts.performance->curves[1].roc, written.performance->curves[1].roc);
}

TEST_F(ReportFolder, FactsOfAnotherFormAreRefusedByName) {
  for (const char* text : {"", "{}", "[1]", "{\"format\":2}", "{\"format\":1,\"program\":3}"}) {
    const std::string path = write("report.json", text);
    EXPECT_TRUE(data::says(error_of([&path] { read_facts(path); }), path, "report"));
  }
}

}  // namespace
}  // namespace explainn::model::report
