#include "model/motif/target_columns.h"

#include <algorithm>
#include <cmath>

namespace explainn::model {
namespace {

void add_strand(const std::vector<ProbabilityColumn>& columns, TargetColumns& all) {
  const auto width = static_cast<std::int64_t>(columns.size());
  all.strands.push_back({.begin = all.count, .width = width, .width_number = 0});
  all.columns.insert(all.columns.end(), columns.begin(), columns.end());
  all.count += width;
}

}  // namespace

std::array<float, 4> coordinates_of(const ProbabilityColumn& column, ColumnDistance distance) {
  std::array<float, 4> out{};
  if (distance == ColumnDistance::euclidean) {
    for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<float>(column[i]);
    return out;
  }
  double squares = 0;
  for (const double p : column) squares += (p - 0.25) * (p - 0.25);
  if (squares < kFlat) return out;
  const double length = std::sqrt(squares);
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<float>((column[i] - 0.25) / length);
  return out;
}

TargetColumns target_columns(const std::vector<data::Motif>& targets,
                             const ProbabilityColumn& background,
                             const ComparisonOptions& options) {
  TargetColumns all;
  for (const data::Motif& target : targets) {
    std::vector<ProbabilityColumn> columns =
        with_pseudocount(target, options.pseudocount, background).columns;
    add_strand(columns, all);
    if (!options.both_strands) continue;
    std::reverse(columns.begin(), columns.end());
    for (ProbabilityColumn& column : columns) std::reverse(column.begin(), column.end());
    add_strand(columns, all);
  }
  for (const TargetStrand& strand : all.strands) all.widths.push_back(strand.width);
  std::sort(all.widths.begin(), all.widths.end());
  all.widths.erase(std::unique(all.widths.begin(), all.widths.end()), all.widths.end());
  for (TargetStrand& strand : all.strands) {
    const auto place = std::lower_bound(all.widths.begin(), all.widths.end(), strand.width);
    strand.width_number = static_cast<std::size_t>(place - all.widths.begin());
  }
  all.coordinates.resize(4 * all.columns.size());
  for (std::size_t c = 0; c < all.columns.size(); ++c) {
    const std::array<float, 4> own = coordinates_of(all.columns[c], options.distance);
    for (std::size_t i = 0; i < 4; ++i) all.coordinates[i * all.columns.size() + c] = own[i];
  }
  return all;
}

}  // namespace explainn::model
