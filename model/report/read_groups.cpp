// Groups of filters, from their tables: binding modes and what discover found.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/input_stream.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"
#include "model/report/read_tables.h"

namespace explainn::model::report {
namespace {

constexpr std::string_view kDiscoveredColumns = "rank\tmotif\tfilter\t";

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

}  // namespace

std::map<std::string, std::size_t> numbers_by_id(const std::vector<Filter>& filters) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t u = 0; u < filters.size(); ++u) numbers.emplace(filters[u].id, u);
  return numbers;
}

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

std::vector<Discovered> read_discovered(const std::string& folder,
                                        const std::vector<Filter>& filters) {
  if (!holds_discovered(folder)) return {};
  const std::map<std::string, std::size_t> by_id = numbers_by_id(filters);
  data::ResultTable table(in(folder, kDiscoveredFile), kHint);
  std::vector<Discovered> found;
  while (table.next()) {
    const std::size_t filter =
        filter_of(table, "filter", by_id, filters,
                  cat("run discover again, or take ", kDiscoveredFile, " out of the folder"));
    const std::string& group = table.text("group");
    found.push_back(
        {table.text("rank"), filter, table.text("consensus"), table.number("sites"),
         table.number("aucPR"), table.number("positives_hit"), table.number("positives"),
         table.number("negatives_hit"), table.number("negatives"), table.far_number("E-value"),
         table.text("significant") == "yes", table.text("overlaps"), table.number("overlap"),
         static_cast<std::size_t>(std::count(group.begin(), group.end(), ',')) + 1});
  }
  return found;
}

bool holds_discovered(const std::string& folder) {
  const std::string path = in(folder, kDiscoveredFile);
  if (!std::filesystem::is_regular_file(path)) return false;
  data::InputStream input(path);
  std::string_view line;
  return input.line(line) && line.starts_with(kDiscoveredColumns);
}

}  // namespace explainn::model::report
