#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "data/fields.h"
#include "data/input_stream.h"
#include "data/motif_reader.h"
#include "data/result_table.h"
#include "kernels/base/error.h"
#include "model/report/report.h"

namespace explainn::model::report {
namespace {

// How the header of discover's table begins.
constexpr std::string_view kDiscoveredColumns = "rank\tmotif\tfilter\t";
constexpr const char* kHint = "run interpret (or discover) again";

std::string in(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

std::optional<Match> match_of(const data::ResultTable& table) {
  if (!table.has("motif") || table.text("motif").empty()) return std::nullopt;
  return Match{table.text("motif"),
               table.number("p-value"),
               table.number("E-value"),
               table.number("q-value"),
               table.number("overlap"),
               table.number("offset"),
               table.text("orientation") == "-",
               table.has("known_mode") ? table.text("known_mode") : ""};
}

std::vector<Filter> read_filters(const std::string& path) {
  data::ResultTable table(path, kHint);
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
  if (filters.empty()) table.fail("no filter; ", kHint);
  return filters;
}

// A table of numbers by filter and task, the filters as in filters.tsv.
void read_numbers(const std::string& path, const std::vector<std::string>& tasks,
                  std::vector<Filter>& filters, std::vector<Number> Filter::*numbers) {
  data::ResultTable table(path, kHint);
  const std::size_t first =
      table.has("annotation") && table.header().size() > tasks.size() + 1 ? 2 : 1;
  if (!std::equal(table.header().begin() +
                      static_cast<std::ptrdiff_t>(std::min(first, table.header().size())),
                  table.header().end(), tasks.begin(), tasks.end())) {
    table.fail("other tasks than in ", kFactsFile, "; ", kHint);
  }
  for (Filter& filter : filters) {
    if (!table.next() || table.text("filter") != filter.id) {
      table.fail("other filters than in filters.tsv; ", kHint);
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
      fail_at(path, 0, "filters.tsv has no ", data::shown(motif.id), "; ", kHint);
    }
    filters[found->second].motif = std::move(motif);
  }
}

void read_matches(const std::string& path, std::vector<Filter>& filters) {
  if (!std::filesystem::exists(path)) return;
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  data::ResultTable table(path, kHint);
  while (table.next()) {
    const auto found = by_id.find(table.text("Query_ID"));
    if (found == by_id.end()) continue;
    auto& matches = filters[found->second].matches;
    if (matches.size() == kMatchesOfFilter) continue;
    matches.emplace_back(table.text("Target_ID"), table.number("q-value"));
  }
}

// Of the same filters: another run may have written over them.
std::size_t filter_of(const data::ResultTable& table, const std::string& column,
                      const std::map<std::string, std::size_t>& by_id,
                      const std::vector<Filter>& filters, std::string_view advice) {
  const auto filter = by_id.find(table.text(column));
  if (filter == by_id.end() || filters[filter->second].dead() ||
      filters[filter->second].sites.text != table.text("sites")) {
    table.fail("of other filters than filters.tsv; ", advice);
  }
  return filter->second;
}

// Where a filter lies along the representative, within reach of it.
Number start_of(const data::ResultTable& table, std::size_t width) {
  const Number start = table.number("start");
  const auto reach = static_cast<double>(data::kMostMotifColumns);
  if (start.value == std::floor(start.value) && start.value > -static_cast<double>(width) &&
      start.value < reach) {
    return start;
  }
  table.fail("the start ", data::shown(start.text), " of a motif of ", width, " columns; ", kHint);
}

// Modes as their rows come.
class ModeRows {
 public:
  explicit ModeRows(const std::string& folder) {
    for (data::Motif& motif : data::read_motif_file(in(folder, kArchetypesFile)).motifs) {
      archetypes_.emplace(motif.id, std::move(motif));
    }
  }

  void add(const data::ResultTable& table, std::size_t unit, std::size_t width) {
    const std::string& id = table.text("mode");
    if (modes_.empty() || modes_.back().id != id) {
      finish(table);
      begin(table, id);
    }
    Mode& mode = modes_.back();
    if (table.text("representative") == "yes") {
      mode.representative = unit;
      ++representatives_;
    }
    mode.members.push_back({unit, start_of(table, width), table.text("orientation") == "-"});
  }
  std::vector<Mode> finish(const data::ResultTable& table) {
    if (!modes_.empty() && representatives_ != 1) {
      table.fail(modes_.back().id, " has ", representatives_, " representatives; ", kHint);
    }
    representatives_ = 0;
    return modes_;
  }

 private:
  void begin(const data::ResultTable& table, const std::string& id) {
    const auto found = archetypes_.find(id);
    if (found == archetypes_.end()) {
      table.fail(kArchetypesFile, " has no ", data::shown(id), " (left); ", kHint);
    }
    modes_.push_back({id, 0, {}, std::move(found->second)});
    archetypes_.erase(found);  // no mode twice
  }

  std::map<std::string, data::Motif> archetypes_;
  std::vector<Mode> modes_;
  std::size_t representatives_ = 0;  // of the last mode
};

// Nothing in a folder of a version that did not write them.
std::vector<Mode> read_modes(const std::string& folder, const std::vector<Filter>& filters) {
  const std::string path = in(folder, kModesFile);
  if (!std::filesystem::exists(path)) return {};
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  data::ResultTable table(path, kHint);
  ModeRows modes(folder);
  while (table.next()) {
    const std::size_t unit = filter_of(table, "motif", by_id, filters, kHint);
    modes.add(table, unit, filters[unit].motif->columns.size());
  }
  return modes.finish(table);
}

std::vector<Discovered> read_discovered(const std::string& path,
                                        const std::vector<Filter>& filters) {
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  data::ResultTable table(path, kHint);
  std::vector<Discovered> found;
  while (table.next()) {
    const std::size_t filter =
        filter_of(table, "filter", by_id, filters,
                  cat("run discover again, or take ", kDiscoveredFile, " out of the folder"));
    const std::string& group = table.text("group");
    found.push_back({table.text("rank"), filter, table.text("consensus"), table.number("sites"),
                     table.number("aucPR"), table.number("positives_hit"),
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

bool holds_discovered(const std::string& folder) {
  const std::string path = in(folder, kDiscoveredFile);
  if (!std::filesystem::is_regular_file(path)) return false;
  data::InputStream input(path);
  std::string_view line;
  return input.line(line) && line.starts_with(kDiscoveredColumns);
}

Report read_report(const std::string& folder) {
  Report report;
  report.facts = read_facts(in(folder, kFactsFile));
  report.filters = read_filters(in(folder, "filters.tsv"));
  const std::size_t units = report.filters.size();
  if (report.facts.outputs.size() != units || report.facts.examples.size() != units) {
    fail_at(in(folder, kFactsFile), 0, "other filters than in filters.tsv; ", kHint);
  }
  read_numbers(in(folder, "weights.tsv"), report.facts.tasks, report.filters, &Filter::weights);
  read_numbers(in(folder, "importances.tsv"), report.facts.tasks, report.filters,
               &Filter::importances);
  read_numbers(in(folder, "effects.tsv"), report.facts.tasks, report.filters, &Filter::effects);
  read_motifs(in(folder, "filters.meme"), report.filters);
  report.modes = read_modes(folder, report.filters);
  if (holds_discovered(folder)) {
    report.discovered = read_discovered(in(folder, kDiscoveredFile), report.filters);
  }
  if (!report.facts.distance.empty()) read_matches(in(folder, "tomtom.tsv"), report.filters);
  return report;
}

}  // namespace explainn::model::report
