// The report as a text: well-formed, its numbers those it was given, nothing of what users name
// taken for markup, small enough, the same bytes each time.
#include "model/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "data/motif_file.h"
#include "kernels/base/error.h"
#include "tests/support/text_files.h"
#include "tests/support/xml.h"

namespace explainn::model::report {
namespace {

constexpr const char* kHostile = "</script><script>alert(\"1\")</script> & 'x' \xff]]>";

Number number(double value) {
  return std::isnan(value) ? Number{"nan", value} : Number{cat(value), value};
}

data::Motif motif_of(const std::string& id, std::mt19937& random, std::size_t width) {
  data::Motif motif{id, "", {}, 100};
  for (std::size_t i = 0; i < width; ++i) {
    std::array<double, 4> column{0.05, 0.05, 0.05, 0.05};
    column[random() % 4] += 0.8;
    motif.columns.push_back(column);
  }
  return motif;
}

void add_performance(Facts& facts, std::mt19937& random) {
  facts.performance.emplace();
  Performance& performance = *facts.performance;
  performance.split = "test";
  performance.sequences = 1234;
  performance.metrics.tasks = facts.tasks;
  performance.metrics.rows = {{"aucROC", 0.912345678, {}, 0, ""}, {"aucPR", 0.5, {}, 0, ""}};
  for (std::size_t t = 0; t < facts.tasks.size(); ++t) {
    std::vector<float> scores;
    std::vector<float> labels;
    for (int i = 0; i < 3000; ++i) {
      labels.push_back(random() % 3 == 0 ? 1.0F : 0.0F);
      scores.push_back(labels.back() + static_cast<float>(random() % 4096) / 1024.0F);
    }
    performance.curves.push_back(task_curves(scores, labels));
    performance.metrics.rows[0].per_task.push_back(roc_auc(scores, labels));
    performance.metrics.rows[1].per_task.push_back(average_precision(scores, labels));
  }
}

Filter filter_of(std::size_t unit, Facts& facts, std::mt19937& random) {
  std::normal_distribution<double> normal;
  Filter filter;
  filter.id = "filter" + std::to_string(unit);
  const bool dead = unit % 10 == 9;
  filter.annotation = dead ? "dead" : "unknown";
  filter.sites = number(dead ? 0 : static_cast<double>(10 + unit));
  filter.max_activation = number(3.25);
  filter.information = dead ? Number{"", std::nan("")} : number(12.5);
  filter.consensus = dead ? "" : "NNACGTNN";
  const double median = unit % 4 == 3 ? 0 : 1 + static_cast<double>(unit % 5);
  for (std::size_t t = 0; t < facts.tasks.size(); ++t) {
    filter.weights.push_back(number(normal(random)));
    filter.effects.push_back(number(0.5 * normal(random)));
    filter.importances.push_back(
        number(dead ? std::nan("") : median * filter.weights.back().value));
  }
  filter.importance = filter.importances[0];
  filter.top_task = facts.tasks[0];
  facts.outputs.push_back({0.1 * median, 0.5 * median, median, 2 * median, 3 * median});
  facts.examples.emplace_back();
  if (dead) return filter;
  filter.motif = motif_of(filter.id, random, 19);
  for (int i = 0; i < 4; ++i) {
    facts.examples.back().push_back(
        {"chr1:1-200", "chr1:51-69", '+', "ACGTACGT", "ACGTACGTACGTACGTACG", "ACGTACGT", 3, 4});
  }
  if (unit % 2 == 0) {
    const std::string id = "MA" + std::to_string(unit);
    filter.annotation = "Known" + std::to_string(unit);
    filter.match =
        Match{id, number(1e-7), number(1e-4), number(1.5e-5), number(12), number(2), unit % 4 == 0};
    filter.matches = {{id, number(1.5e-5)}, {"MA_other", number(0.01)}};
    facts.known.push_back(motif_of(id, random, 15));
  }
  return filter;
}

Report report_of(std::size_t units, std::size_t tasks) {
  std::mt19937 random(3);
  Report report;
  Facts& facts = report.facts;
  facts.program = "explainn 0.1.0";
  facts.sources = {{"model", "model.safetensors", "00ff"}, {"data", "data.tsv.gz", "11ee"}};
  facts.criterion = "bcewithlogits";
  facts.filter_size = 19;
  facts.num_fc = 2;
  facts.input_length = 200;
  facts.both_strands = true;
  for (std::size_t t = 0; t < tasks; ++t) facts.tasks.push_back("task" + std::to_string(t));
  facts.split = "train";
  facts.sequences = 50000;
  facts.trusted = 40000;
  facts.rule = "with every label predicted right";
  facts.distance = "ed";
  facts.q_value = 0.05;
  facts.epochs = {{1, 0.5, 0.6, true}, {2, 0.4, 0.5, true}, {3, 0.3, 0.55, false}};
  add_performance(facts, random);
  for (std::size_t u = 0; u < units; ++u) report.filters.push_back(filter_of(u, facts, random));
  return report;
}

// The page as XML: without its first line, styles and scripts.
std::string as_xml(std::string html) {
  for (const std::string name : {"style", "script"}) {
    for (std::size_t at = html.find("<" + name); at != std::string::npos;
         at = html.find("<" + name, at)) {
      const std::string end = "</" + name + ">";
      html.erase(at, html.find(end, at) + end.size() - at);
    }
  }
  return "<?xml version=\"1.0\"?>" + html.substr(html.find('\n') + 1);
}

std::vector<test::Element> elements(const Report& report) {
  return test::Xml(as_xml(report_html(report))).elements;
}

TEST(Report, IsWellFormedWithOneIdAPlaceAndLinksThatLead) {
  std::vector<std::string> ids;
  std::vector<std::string> links;
  for (const test::Element& element : elements(report_of(23, 5))) {
    if (const auto id = element.attributes.find("id"); id != element.attributes.end()) {
      ids.push_back(id->second);
    }
    for (const char* name : {"href", "aria-labelledby"}) {
      const auto link = element.attributes.find(name);
      if (link == element.attributes.end()) continue;
      links.push_back(link->second.front() == '#' ? link->second.substr(1) : link->second);
    }
    EXPECT_FALSE(element.attributes.contains("src")) << element.name;
    EXPECT_NE(element.name, "img");
    EXPECT_NE(element.name, "link");
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_GT(links.size(), 100U);
  for (const std::string& link : links) {
    // The sources of scripts are not among the elements; nothing links to them.
    EXPECT_TRUE(std::binary_search(ids.begin(), ids.end(), link)) << link;
  }
}

TEST(Report, EverySectionIsThereAndEmptyOnesAreNot) {
  const auto headings = [](const Report& report) {
    std::vector<std::string> found;
    for (const test::Element& element : elements(report)) {
      if (element.name == "section") found.push_back(element.attributes.at("id"));
    }
    return found;
  };
  Report report = report_of(12, 3);
  using Names = std::vector<std::string>;
  EXPECT_EQ(headings(report),
            (Names{"drives", "performance", "training", "weights", "filters", "units", "notes"}));
  report.facts.epochs.clear();
  report.facts.performance.reset();
  EXPECT_EQ(headings(report), (Names{"drives", "weights", "filters", "units", "notes"}));
}

// Cells of the table of filters: as they stand in the tables, by column.
TEST(Report, NumbersAreThoseOfTheTables) {
  const Report report = report_of(30, 4);
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (const test::Element& element : elements(report)) {
    if (element.name == "table") {
      const auto id = element.attributes.find("id");
      inside = id != element.attributes.end() && id->second == "filter-table";
    }
    if (!inside) continue;
    if (element.name == "tr" && element.attributes.contains("data-unit")) rows.emplace_back();
    const auto value = element.attributes.find("data-value");
    if (value != element.attributes.end()) rows.back().push_back(value->second);
  }
  ASSERT_EQ(rows.size(), report.filters.size());
  for (std::size_t u = 0; u < rows.size(); ++u) {
    const Filter& filter = report.filters[u];
    const auto largest = std::max_element(
        filter.effects.begin(), filter.effects.end(),
        [](const Number& a, const Number& b) { return std::abs(a.value) < std::abs(b.value); });
    const std::vector<std::string> wanted{filter.match ? filter.match->q.text : "",
                                          filter.sites.text, filter.information.text, largest->text,
                                          filter.importance.text};
    EXPECT_EQ(rows[u], wanted) << filter.id;
  }
}

// Rows of the table of motifs: values as they are in motifs.tsv, even those no double holds.
TEST(Report, DiscoveredMotifsComeFirstAndAsTheyAre) {
  Report report = report_of(12, 1);
  report.discovered = {{"1", 4, "ACGTR", number(14), number(0.98765), number(884), number(1000),
                        number(53), number(1000), "3.03e-354", true, 12},
                       {"2", 1, kHostile, number(11), number(0.5), number(7), number(1000),
                        number(6), number(1000), "1", false, 1}};
  const std::string html = report_html(report);
  EXPECT_LT(html.find("<section id=\"discovered\""), html.find("<section id=\"drives\""));
  EXPECT_NE(html.find("3.03\xc3\x97"
                      "10<sup>\xe2\x88\x92"
                      "354</sup>"),
            std::string::npos);
  EXPECT_NE(html.find(">88.4\xc2\xa0%<"), std::string::npos);
  EXPECT_NE(html.find("2 motifs, 1 of them significant"), std::string::npos);
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (const test::Element& element : elements(report)) {
    if (element.name == "table") {
      const auto id = element.attributes.find("id");
      inside = id != element.attributes.end() && id->second == "discovered-table";
    }
    if (!inside) continue;
    if (element.name == "tr") rows.emplace_back();
    for (const char* const name : {"href", "data-value", "value"}) {
      const auto value = element.attributes.find(name);
      if (value != element.attributes.end()) rows.back().push_back(value->second);
    }
  }
  ASSERT_EQ(rows.size(), 3U);
  using Row = std::vector<std::string>;
  const std::string q = report.filters[4].match->q.text;
  EXPECT_EQ(rows[1].front().find('#'), 0U);
  EXPECT_EQ(Row(rows[1].end() - 5, rows[1].end()), (Row{q, "14", "0.98765", "884", "53"}));
  EXPECT_EQ(Row(rows[2].end() - 5, rows[2].end()), (Row{"", "11", "0.5", "7", "6"}));
}

// The filters of a task are those of largest effect, in that order.
TEST(Report, DriversAreTheLargestEffects) {
  const Report report = report_of(30, 4);
  std::vector<std::vector<std::string>> shown;
  bool inside = false;
  for (const test::Element& element : elements(report)) {
    if (element.name == "table") {
      const auto id = element.attributes.find("id");
      inside = id != element.attributes.end() && id->second == "drives-table";
    }
    if (!inside) continue;
    if (element.name == "tr") shown.emplace_back();
    if (element.name == "data") shown.back().push_back(element.attributes.at("value"));
  }
  ASSERT_EQ(shown.size(), 5U);  // the header's first
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    std::vector<const Filter*> order;
    for (const Filter& filter : report.filters) {
      if (!filter.dead() && filter.effects[t].value > 0) order.push_back(&filter);
    }
    std::stable_sort(order.begin(), order.end(), [t](const Filter* a, const Filter* b) {
      return a->effects[t].value > b->effects[t].value;
    });
    std::vector<std::string> wanted;
    for (std::size_t i = 0; i < 3; ++i) {
      wanted.push_back(order[i]->effects[t].text);
      wanted.push_back(order[i]->weights[t].text);
      wanted.push_back(order[i]->importances[t].text);
    }
    EXPECT_EQ(shown[t + 1], wanted);
  }
}

TEST(Report, TakesNothingThatUsersNameForMarkup) {
  Report report = report_of(12, 3);
  report.facts.tasks[1] = kHostile;
  report.facts.sources[1].name = kHostile;
  for (Filter& filter : report.filters) {
    if (filter.match) {
      filter.annotation = kHostile;
      filter.match->motif = kHostile;
      filter.matches[1].first = kHostile;
    }
    filter.top_task = kHostile;
  }
  for (data::Motif& motif : report.facts.known) motif.id = motif.name = kHostile;
  for (auto& examples : report.facts.examples) {
    for (Example& example : examples) example.sequence = example.place = kHostile;
  }
  const std::string html = report_html(report);
  const test::Xml page(as_xml(html));
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  const auto count = [&html](const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = html.find(what); at != std::string::npos; at = html.find(what, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(count("</script>"), 2U);
  bool read = false;
  for (const test::Element& element : page.elements) {
    read =
        read || element.text.find("</script><script>alert(\"1\")</script> & 'x' \xef\xbf\xbd]]>") !=
                    std::string::npos;
  }
  EXPECT_TRUE(read);
  for (const Figure& figure : report_figures(report)) test::Xml{figure.svg};
}

TEST(Report, IsTheSameEachTimeAndSmallForManyFiltersAndTasks) {
  const Report report = report_of(300, 81);
  const std::string html = report_html(report);
  EXPECT_LT(html.size(), 15'000'000U);
  RecordProperty("bytes", static_cast<int>(html.size()));
  EXPECT_EQ(html, report_html(report));
  EXPECT_LT(report_html(report_of(100, 30)).size(), 5'000'000U);
}

TEST(Report, OfASilentModelIsStillAPage) {
  Report report = report_of(10, 1);
  for (Filter& filter : report.filters) {
    filter.motif.reset();
    filter.match.reset();
    filter.sites = number(0);
    for (Number& value : filter.importances) value = number(std::nan(""));
  }
  report.facts.known.clear();
  report.facts.distance.clear();
  EXPECT_GT(elements(report).size(), 50U);
}

TEST(ReportFigures, AreFilesOfTheirOwn) {
  const Report report = report_of(12, 3);
  std::map<std::string, int> folders;
  for (const Figure& figure : report_figures(report)) {
    ++folders[figure.folder];
    EXPECT_FALSE(test::Xml(figure.svg).elements.empty()) << figure.folder << "/" << figure.name;
    EXPECT_EQ(figure.svg.find("href"), std::string::npos) << figure.folder << "/" << figure.name;
    EXPECT_EQ(figure.svg.find("class=\"heat"), std::string::npos);
  }
  const std::map<std::string, int> wanted{{"", 2},        {"importances", 11},     {"logos", 22},
                                          {"matches", 6}, {"precision-recall", 3}, {"roc", 3}};
  EXPECT_EQ(folders, wanted);
}

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
  refuse("report.json", facts_text(report_of(3, 2).facts), "other filters");
}

TEST_F(ReportFolder, MotifsOfDiscoverAreReadWhereThereAreSome) {
  const std::string header =
      "rank\tmotif\tfilter\tconsensus\tsites\taucPR\taucROC\tpositives_hit\tpositives\t"
      "negatives_hit\tnegatives\tE-value\tsignificant\tgroup\n";
  const auto row = [](const std::string& filter, const std::string& sites) {
    return "1\tmotif1\t" + filter + "\tACGT\t" + sites +
           "\t0.75\t0.5\t8\t10\t1\t9\t1e-400\tyes\tfilter0,filter1\n";
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
