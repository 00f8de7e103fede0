#include "cli/comparison_options.h"

#include <CLI/CLI.hpp>
#include <cmath>

#include "kernels/base/error.h"

namespace explainn::cli {

void add_comparison_options(CLI::App& app, ComparisonArguments& a) {
  app.add_option("--dist", a.distance,
                 "Distance of columns: ed (Euclidean) or pearson (correlation)")
      ->type_name("NAME");
  app.add_option("--min-overlap", a.options.min_overlap,
                 "Columns that must overlap, or all of a narrower motif");
  app.add_option("--motif-pseudo", a.options.pseudocount,
                 "Sites added to each column, spread as the background");
  app.add_flag("--no-rc", a.one_strand, "Motifs as they are, not reverse complemented too");
}

model::ComparisonOptions comparison_options(const ComparisonArguments& a) {
  model::ComparisonOptions options = a.options;
  options.distance = model::column_distance_from(a.distance);
  options.both_strands = !a.one_strand;
  if (!(options.pseudocount >= 0 && std::isfinite(options.pseudocount))) {
    throw UsageError(cat("--motif-pseudo ", options.pseudocount, ": give 0 or more sites"));
  }
  if (options.min_overlap < 1) {
    throw UsageError(cat("--min-overlap ", options.min_overlap, ": give 1 or more columns"));
  }
  return options;
}

void warn_of_uninformative(const RunLog& log, const std::vector<data::Motif>& motifs,
                           const std::string& so) {
  constexpr std::size_t kNamed = 10;
  std::string names;
  std::size_t count = 0;
  for (const data::Motif& motif : motifs) {
    if (!model::is_uninformative(motif)) continue;
    if (++count <= kNamed) names += (count > 1 ? ", " : "") + motif.id;
  }
  if (count == 0) return;
  if (count > kNamed) names += cat(" and ", count - kNamed, " more");
  log.warn(cat("uninformative, ", so, ": ", names, " (less than ", model::kUninformativeBits,
               " bits in all columns together)"));
}

}  // namespace explainn::cli
