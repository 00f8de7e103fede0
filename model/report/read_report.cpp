#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "data/fields.h"
#include "data/input_stream.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/report/report.h"

namespace explainn::model::report {
namespace {

// A table as it was written: fields between tabs, nothing quoted, comments behind it.
class Table {
 public:
  explicit Table(const std::string& path) : input_(path) {
    if (!next()) input_.fail(0, "is empty; run interpret again");
    header_ = fields_;
    for (std::size_t i = 0; i < header_.size(); ++i) columns_.try_emplace(header_[i], i);
  }

  const std::vector<std::string>& header() const { return header_; }
  bool has(const std::string& column) const { return columns_.contains(column); }

  bool next() {
    std::string_view line;
    do {
      if (!input_.line(line)) return false;
    } while (line.empty() || line.front() == '#');
    fields_.clear();
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find('\t', at), line.size());
      fields_.emplace_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (!header_.empty() && fields_.size() != header_.size()) {
      fail(fields_.size(), " fields under a header of ", header_.size());
    }
    return true;
  }
  const std::string& text(const std::string& column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end()) fail("no column ", data::shown(column), "; run interpret again");
    return fields_[found->second];
  }
  Number number(const std::string& column) const { return parsed(text(column)); }
  Number number(std::size_t column) const { return parsed(fields_[column]); }
  /// A number whose exponent may be beyond a double's.
  const std::string& far_number(const std::string& column) const {
    const std::string& field = text(column);
    const std::size_t end = std::min(field.find('e'), field.size());
    const bool whole = end == field.size() || data::parse_number(field.substr(end + 1));
    if (!whole || !data::parse_number(field.substr(0, end))) {
      fail("the number ", data::shown(field), " is none");
    }
    return field;
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    input_.fail(input_.line_number(), what...);
  }

 private:
  Number parsed(const std::string& field) const {
    if (field.empty()) return {field, std::numeric_limits<double>::quiet_NaN()};
    const std::optional<double> value = data::parse_number(field);
    if (!value) fail("the number ", data::shown(field), " is none");
    return {field, *value};
  }

  data::InputStream input_;
  std::vector<std::string> header_;
  std::vector<std::string> fields_;
  std::map<std::string, std::size_t> columns_;
};

std::string in(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

std::optional<Match> match_of(const Table& table) {
  if (!table.has("motif") || table.text("motif").empty()) return std::nullopt;
  return Match{table.text("motif"),
               table.number("p-value"),
               table.number("E-value"),
               table.number("q-value"),
               table.number("overlap"),
               table.number("offset"),
               table.text("orientation") == "-"};
}

std::vector<Filter> read_filters(const std::string& path) {
  Table table(path);
  std::vector<Filter> filters;
  while (table.next()) {
    filters.push_back({table.text("filter"),
                       table.has("annotation") ? table.text("annotation") : "",
                       match_of(table),
                       table.number("sites"),
                       table.number("max_activation"),
                       table.number("information"),
                       table.number("importance"),
                       table.text("consensus"),
                       table.text("top_task"),
                       {},
                       {},
                       {},
                       {},
                       {}});
  }
  if (filters.empty()) table.fail("no filter; run interpret again");
  return filters;
}

// A table of numbers by filter and task, the filters as in filters.tsv.
void read_numbers(const std::string& path, const std::vector<std::string>& tasks,
                  std::vector<Filter>& filters, std::vector<Number> Filter::*numbers) {
  Table table(path);
  const std::size_t first =
      table.has("annotation") && table.header().size() > tasks.size() + 1 ? 2 : 1;
  if (!std::equal(table.header().begin() +
                      static_cast<std::ptrdiff_t>(std::min(first, table.header().size())),
                  table.header().end(), tasks.begin(), tasks.end())) {
    table.fail("other tasks than in ", kFactsFile, "; run interpret again");
  }
  for (Filter& filter : filters) {
    if (!table.next() || table.text("filter") != filter.id) {
      table.fail("other filters than in filters.tsv; run interpret again");
    }
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      (filter.*numbers).push_back(table.number(first + t));
    }
  }
}

// Filters by their ids.
std::map<std::string, std::size_t> numbers_by_id(const std::vector<Filter>& filters) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t u = 0; u < filters.size(); ++u) numbers.emplace(filters[u].id, u);
  return numbers;
}

void read_motifs(const std::string& path, std::vector<Filter>& filters) {
  const auto fired = [](const Filter& filter) { return filter.sites.value > 0; };
  if (std::none_of(filters.begin(), filters.end(), fired)) return;
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  for (data::Motif& motif : data::read_motif_file(path).motifs) {
    const auto found = by_id.find(motif.id);
    if (found == by_id.end()) {
      fail_at(path, 0, "filters.tsv has no ", data::shown(motif.id), "; run interpret again");
    }
    filters[found->second].motif = std::move(motif);
  }
}

void read_matches(const std::string& path, std::vector<Filter>& filters) {
  if (!std::filesystem::exists(path)) return;
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  Table table(path);
  while (table.next()) {
    const auto found = by_id.find(table.text("Query_ID"));
    if (found == by_id.end()) continue;
    auto& matches = filters[found->second].matches;
    if (matches.size() == kMatchesOfFilter) continue;
    matches.emplace_back(table.text("Target_ID"), table.number("q-value"));
  }
}

// Of the same filters: another run of interpret may have written over them.
std::vector<Discovered> read_discovered(const std::string& path,
                                        const std::vector<Filter>& filters) {
  if (!std::filesystem::exists(path)) return {};
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  Table table(path);
  std::vector<Discovered> found;
  while (table.next()) {
    const auto filter = by_id.find(table.text("filter"));
    if (filter == by_id.end() || filters[filter->second].dead() ||
        filters[filter->second].sites.text != table.text("sites")) {
      table.fail("of other filters than filters.tsv; run discover again, or take ", kDiscoveredFile,
                 " out of the folder");
    }
    const std::string& group = table.text("group");
    found.push_back({table.text("rank"), filter->second, table.text("consensus"),
                     table.number("sites"), table.number("aucPR"), table.number("positives_hit"),
                     table.number("positives"), table.number("negatives_hit"),
                     table.number("negatives"), table.far_number("E-value"),
                     table.text("significant") == "yes",
                     static_cast<std::size_t>(std::count(group.begin(), group.end(), ',')) + 1});
  }
  return found;
}

}  // namespace

const data::Motif* Report::known(const std::string& id) const {
  const auto found = std::find_if(facts.known.begin(), facts.known.end(),
                                  [&id](const data::Motif& motif) { return motif.id == id; });
  return found == facts.known.end() ? nullptr : &*found;
}

Report read_report(const std::string& folder) {
  Report report;
  report.facts = read_facts(in(folder, kFactsFile));
  report.filters = read_filters(in(folder, "filters.tsv"));
  const std::size_t units = report.filters.size();
  if (report.facts.outputs.size() != units || report.facts.examples.size() != units) {
    fail_at(in(folder, kFactsFile), 0, "other filters than in filters.tsv; run interpret again");
  }
  read_numbers(in(folder, "weights.tsv"), report.facts.tasks, report.filters, &Filter::weights);
  read_numbers(in(folder, "importances.tsv"), report.facts.tasks, report.filters,
               &Filter::importances);
  read_numbers(in(folder, "effects.tsv"), report.facts.tasks, report.filters, &Filter::effects);
  read_motifs(in(folder, "filters.meme"), report.filters);
  report.discovered = read_discovered(in(folder, kDiscoveredFile), report.filters);
  if (!report.facts.distance.empty()) read_matches(in(folder, "tomtom.tsv"), report.filters);
  return report;
}

}  // namespace explainn::model::report
