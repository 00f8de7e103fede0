#include "model/motif/target_columns.h"

#include <algorithm>

#include "model/motif/comparison.h"

namespace explainn::model {
namespace {

void add_strand(const std::vector<ProbabilityColumn>& columns, TargetColumns& all) {
  const auto width = static_cast<std::int64_t>(columns.size());
  all.strands.push_back({.begin = all.count, .width = width, .width_number = 0});
  all.columns.insert(all.columns.end(), columns.begin(), columns.end());
  all.count += width;
}

}  // namespace

TargetColumns target_columns(const std::vector<data::Motif>& targets, double pseudocount,
                             const ProbabilityColumn& background, bool both_strands) {
  TargetColumns all;
  for (const data::Motif& target : targets) {
    std::vector<ProbabilityColumn> columns =
        with_pseudocount(target, pseudocount, background).columns;
    add_strand(columns, all);
    if (!both_strands) continue;
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
  for (std::size_t i = 0; i < 4; ++i) {
    for (const ProbabilityColumn& column : all.columns) {
      all.letters.push_back(static_cast<float>(column[i]));
    }
  }
  return all;
}

}  // namespace explainn::model
