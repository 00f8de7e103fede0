#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/fields.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/report/read_tables.h"

namespace explainn::model::report {
namespace {

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
    fail_at(in(folder, kFactsFile), 0, "other filters than in filters.tsv; ", kHint);
  }
  read_numbers(in(folder, "weights.tsv"), report.facts.tasks, report.filters, &Filter::weights);
  read_numbers(in(folder, "importances.tsv"), report.facts.tasks, report.filters,
               &Filter::importances);
  read_numbers(in(folder, "effects.tsv"), report.facts.tasks, report.filters, &Filter::effects);
  read_motifs(in(folder, "filters.meme"), report.filters);
  report.modes = read_modes(folder, report.filters);
  report.discovered = read_discovered(folder, report.filters);
  if (!report.facts.distance.empty()) read_matches(in(folder, "tomtom.tsv"), report.filters);
  return report;
}

}  // namespace explainn::model::report
