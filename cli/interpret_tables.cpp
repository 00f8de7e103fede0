#include "cli/interpret_tables.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/common_options.h"
#include "cli/gzip_file.h"
#include "cli/match_table.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
#include "kernels/base/error.h"
#include "model/interpret/instances.h"
#include "model/motif/matrix.h"

namespace explainn::cli {
namespace {

std::string strand_sign(data::Strand strand) {
  return {data::sign(strand)};
}

// What all of the tables share.
class FilterRows {
 public:
  FilterRows(const InterpretTables& tables, TableWriter& table) : tables_(tables), table_(table) {}

  void annotation_header() {
    if (!tables_.annotations.empty()) table_.text("annotation");
  }
  void annotation(std::int64_t unit) {
    if (tables_.annotations.empty()) return;
    table_.text(tables_.annotations[static_cast<std::size_t>(unit)].name);
  }
  void task_headers() {
    for (const std::string& target : tables_.predictor.model().config.targets) table_.text(target);
    table_.end_row();
  }
  void numbers(std::span<const double> values) {
    for (const double value : values) table_.number(value);
    table_.end_row();
  }

 private:
  const InterpretTables& tables_;
  TableWriter& table_;
};

// A table `filter <tasks>` of [U, T] numbers.
template <typename Value>
std::string numbers_by_filter(const InterpretTables& tables, const Value& value) {
  const model::Architecture& sizes = tables.predictor.model().config.sizes;
  std::string text;
  TableWriter table([&text](std::string_view bytes) { text += bytes; });
  FilterRows rows(tables, table);
  table.text("filter");
  rows.annotation_header();
  rows.task_headers();
  std::vector<double> values(static_cast<std::size_t>(sizes.num_tasks));
  for (std::int64_t u = 0; u < sizes.num_units; ++u) {
    table.text(filter_name(u));
    rows.annotation(u);
    for (std::size_t t = 0; t < values.size(); ++t)
      values[t] = value(static_cast<std::size_t>(u), t);
    rows.numbers(values);
  }
  table.finish(tables.invocation);
  return text;
}

constexpr std::array kMatchColumns{"annotation", "motif",  "p-value",     "E-value",   "q-value",
                                   "overlap",    "offset", "orientation", "known_mode"};

void match_columns(TableWriter& table, const InterpretTables& tables, std::size_t unit) {
  if (tables.annotations.empty()) return;
  const std::optional<model::MotifMatch>& match = tables.annotations[unit].best;
  table.text(tables.annotations[unit].name);
  if (!match) {
    for (std::size_t column = 1; column < kMatchColumns.size(); ++column) table.text("");
    return;
  }
  table.text(tables.known.motifs[match->target].id);
  for (const float value : {match->p, match->e, match->q}) table.number(value);
  table.text(std::to_string(match->overlap)).text(std::to_string(match->offset));
  table.text(match->reverse ? "-" : "+");
  const std::optional<std::size_t> mode = tables.annotations[unit].known_mode;
  table.text(mode ? tables.known.motifs[*mode].id : "");
}

// The task that a filter matters most for, either way: the largest absolute median importance. None
// if all are 0.
void top_task(TableWriter& table, const InterpretTables& tables, std::size_t unit) {
  const std::vector<std::string>& targets = tables.predictor.model().config.targets;
  const auto first =
      tables.result.median_importance.begin() + static_cast<std::ptrdiff_t>(unit * targets.size());
  const auto top = std::max_element(first, first + static_cast<std::ptrdiff_t>(targets.size()),
                                    [](double a, double b) { return std::abs(a) < std::abs(b); });
  const bool matters = std::abs(*top) > 0;  // false for NaN, too
  table.text(matters ? targets[static_cast<std::size_t>(top - first)] : "").number(*top);
}

std::string filter_summary(const InterpretTables& tables) {
  std::string text;
  TableWriter table([&text](std::string_view bytes) { text += bytes; });
  table.text("filter");
  if (!tables.annotations.empty()) {
    for (const char* column : kMatchColumns) table.text(column);
  }
  for (const char* column :
       {"sites", "max_activation", "information", "consensus", "top_task", "importance"}) {
    table.text(column);
  }
  table.end_row();
  std::size_t next = 0;
  for (std::size_t u = 0; u < tables.result.sites.size(); ++u) {
    table.text(filter_name(u));
    match_columns(table, tables, u);
    table.text(std::to_string(tables.result.sites[u])).number(tables.result.max_activation[u]);
    if (tables.result.sites[u] > 0) {
      const data::Motif& motif = tables.result.motifs.motifs[next++];
      table.number(model::total_information(motif)).text(model::iupac_consensus(motif));
    } else {
      table.text("").text("");
    }
    top_task(table, tables, u);
    table.end_row();
  }
  table.finish(tables.invocation);
  return text;
}

}  // namespace

std::string filter_name(std::size_t unit) {
  return cat("filter", unit);
}

void InterpretTables::write_filters() const {
  const model::Architecture& sizes = predictor.model().config.sizes;
  const std::vector<float>& weight = predictor.model().weights.at("final.weight");  // [T, U]
  const auto units = static_cast<std::size_t>(sizes.num_units);
  const auto tasks = static_cast<std::size_t>(sizes.num_tasks);
  const auto write = [this](const char* name, const std::string& text) {
    data::write_file(in_folder(folder, name), text);
  };
  write("filters.meme", data::meme_text(result.motifs));
  write("filters.tsv", filter_summary(*this));
  write("weights.tsv", numbers_by_filter(*this, [&](std::size_t u, std::size_t t) {
          return weight[t * units + u];
        }));
  write("importances.tsv", numbers_by_filter(*this, [&](std::size_t u, std::size_t t) {
          return result.median_importance[u * tasks + t];
        }));
}

void InterpretTables::write_effects(std::span<const double> effects) const {
  const auto tasks = static_cast<std::size_t>(predictor.model().config.sizes.num_tasks);
  data::write_file(in_folder(folder, kEffects),
                   numbers_by_filter(*this, [&](std::size_t u, std::size_t t) {
                     return effects[u * tasks + t];
                   }));
}

void InterpretTables::write_all_importances() const {
  GzipFile file(in_folder(folder, kAllImportances));
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  FilterRows filters(*this, table);
  table.text("filter");
  filters.annotation_header();
  table.text("sequence").text("strand");
  filters.task_headers();
  model::each_importance(predictor, dataset, rows, model::site_thresholds(result.max_activation),
                         [&](std::int64_t filter, std::string_view sequence, data::Strand strand,
                             std::span<const double> importances) {
                           check_interrupted();
                           table.text(filter_name(filter));
                           filters.annotation(filter);
                           table.text(sequence).text(strand_sign(strand));
                           filters.numbers(importances);
                         });
  table.finish(invocation);
  file.commit();
}

void InterpretTables::write_instances() const {
  GzipFile file(in_folder(folder, kInstances));
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  FilterRows filters(*this, table);
  for (const char* column : {"#chrom", "start", "end", "name", "score", "strand", "sequence"}) {
    table.text(column);
  }
  filters.annotation_header();
  table.text("activation");
  filters.task_headers();
  model::each_instance(
      predictor, dataset, rows, model::site_thresholds(result.max_activation),
      [&](const model::Instance& instance) {
        check_interrupted();
        const std::string_view id = dataset.id(instance.row);
        const data::Place place = data::part_of(dataset.places[instance.row], id, instance.start,
                                                instance.end, instance.strand);
        const float largest = result.max_activation[static_cast<std::size_t>(instance.unit)];
        table.text(place.chrom);
        table.text(std::to_string(place.start)).text(std::to_string(place.end));
        table.text(filter_name(instance.unit));
        table.text(std::to_string(std::lround(1000 * (instance.activation / largest))));
        table.text(strand_sign(place.strand)).text(id);
        filters.annotation(instance.unit);
        table.number(instance.activation);
        filters.numbers(instance.contributions);
      });
  table.finish(invocation);
  file.commit();
}

void InterpretTables::write_matches(const std::vector<model::MotifMatch>& matches,
                                    const model::ComparisonOptions& comparison) const {
  data::AtomicFile file(in_folder(folder, kMatches));
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  cli::write_matches(result.motifs, known, matches, comparison, table);
  table.finish(invocation);
  file.commit();
}

model::Interpretation interpret_rows(model::Predictor& predictor, const data::Dataset& dataset,
                                     std::span<const std::uint32_t> rows, bool quiet) {
  Progress progress(quiet);
  progress.start("interpreting", "");
  model::Interpretation result = model::interpret(predictor, dataset, rows, [&](double fraction) {
    check_interrupted();
    progress.update(static_cast<std::int64_t>(fraction * 1000), 1000);
  });
  progress.clear();
  return result;
}

}  // namespace explainn::cli
