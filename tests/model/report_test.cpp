// The report as a text: well-formed, its numbers those it was given, nothing of what users name
// taken for markup, small enough, the same bytes each time.
#include "model/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/base/error.h"
#include "tests/support/made_report.h"
#include "tests/support/xml.h"

namespace explainn::model::report {
namespace {

using made::as_xml;
using made::number;
using made::report_of;

constexpr const char* kHostile = "</script><script>alert(\"1\")</script> & 'x' \xff]]>";

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
  EXPECT_EQ(headings(report), (Names{"drives", "modes", "performance", "training", "weights",
                                     "filters", "units", "notes"}));
  report.facts.epochs.clear();
  report.facts.performance.reset();
  report.modes.clear();
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
                        number(53), number(1000), "3.03e-354", true, "", number(0), 12},
                       {"2", 1, kHostile, number(11), number(0.5), number(7), number(1000),
                        number(6), number(1000), "1", false, "motif1", number(0.62), 1}};
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
  EXPECT_EQ(Row(rows[1].end() - 4, rows[1].end()), (Row{q, "0.98765", "884", "53"}));
  EXPECT_EQ(Row(rows[2].end() - 5, rows[2].end()), (Row{"", "0.5", "7", "6", "0.62"}));
}

// Under each mode the task on which its filters have the largest effect together.
TEST(Report, ModesComeByWhatTheirFiltersAddTogether) {
  const Report report = report_of(23, 4);
  std::vector<std::pair<std::string, std::string>> shown;
  for (const test::Element& element : elements(report)) {
    const auto id = element.attributes.find("id");
    if (element.name == "figure" && id != element.attributes.end()) {
      shown.emplace_back(id->second, "");
    }
    const bool effect = element.name == "data" && !shown.empty() && shown.back().second.empty();
    if (effect) shown.back().second = element.attributes.at("value");
  }
  ASSERT_EQ(shown.size(), report.modes.size());
  double before = 1e9;
  for (const auto& [id, effect] : shown) {
    const Mode& mode = report.modes.at(std::stoul(id.substr(4)) - 1);
    double largest = 0;
    for (std::size_t t = 0; t < 4; ++t) {
      double sum = 0;
      for (const ModeFilter& member : mode.members) {
        sum += report.filters[member.unit].effects[t].value;
      }
      if (std::abs(sum) > std::abs(largest)) largest = sum;
    }
    EXPECT_NEAR(std::stod(effect), largest, 1e-8);
    EXPECT_LE(std::abs(largest), before);
    before = std::abs(largest);
  }
  const std::string html = report_html(report);
  EXPECT_EQ(html.find("<details class=\"more\""), std::string::npos);
  EXPECT_NE(html.find("20 filters of 11 binding modes"), std::string::npos);
  EXPECT_NE(html.find("of 6 known binding modes"), std::string::npos);
}

TEST(Report, ModesThatAddNextToNothingAreFoldedAway) {
  Report report = report_of(23, 4);
  for (const ModeFilter& member : report.modes[2].members) {
    for (Number& effect : report.filters[member.unit].effects) effect = number(1e-6);
  }
  const std::string html = report_html(report);
  const std::size_t more = html.find("<details class=\"more\"><summary>1 mode ");
  ASSERT_NE(more, std::string::npos);
  EXPECT_GT(html.find("id=\"" + report.modes[2].id + "\""), more);
  EXPECT_LT(html.find("id=\"" + report.modes[1].id + "\""), more);
}

TEST(Report, DriversAreTheLargestEffects) {
  const Report report = report_of(30, 4);
  std::vector<std::vector<std::string>> shown;
  bool inside = false;
  for (const test::Element& element : elements(report)) {
    if (element.name == "table" || element.name == "section") {
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
  report.modes.clear();
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
  const std::map<std::string, int> wanted{
      {"", 2},      {"importances", 11},     {"logos", 22}, {"matches", 6},
      {"modes", 5}, {"precision-recall", 3}, {"roc", 3}};
  EXPECT_EQ(folders, wanted);
}

}  // namespace
}  // namespace explainn::model::report
