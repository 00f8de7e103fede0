// explainn tomtom: motifs against a database of known ones.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/match_table.h"
#include "cli/progress.h"
#include "cli/run_log.h"
#include "cli/signals.h"
#include "data/atomic_file.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

struct TomtomArguments {
  CommonOptions common;
  model::ComparisonOptions options;
  std::string queries;
  std::string targets;
  std::string output = "-";
  std::string distance = "ed";
  bool one_strand = false;
};

model::ComparisonOptions comparison_options(const TomtomArguments& a) {
  model::ComparisonOptions options = a.options;
  options.distance = model::column_distance_from(a.distance);
  options.both_strands = !a.one_strand;
  if (!(options.threshold >= 0)) {
    throw UsageError(cat("--threshold ", options.threshold, ": give 0 or more"));
  }
  if (!(options.pseudocount >= 0 && std::isfinite(options.pseudocount))) {
    throw UsageError(cat("--motif-pseudo ", options.pseudocount, ": give 0 or more sites"));
  }
  if (options.min_overlap < 1) {
    throw UsageError(cat("--min-overlap ", options.min_overlap, ": give 1 or more columns"));
  }
  return options;
}

void warn_of_uninformative(const RunLog& log, const std::vector<data::Motif>& queries) {
  constexpr std::size_t kNamed = 10;
  std::string names;
  std::size_t count = 0;
  for (const data::Motif& query : queries) {
    if (!model::is_uninformative(query)) continue;
    if (++count <= kNamed) names += (count > 1 ? ", " : "") + query.id;
  }
  if (count == 0) return;
  if (count > kNamed) names += cat(" and ", count - kNamed, " more");
  log.warn(cat("uninformative, so that matches mean nothing: ", names, " (less than ",
               model::kUninformativeBits, " bits in all columns together)"));
}

int run(const TomtomArguments& a, const Invocation& invocation) {
  refuse_gzip_name(a.output, "tomtom");
  if (a.queries == "-" && a.targets == "-") {
    throw UsageError("QUERY and TARGET cannot both be standard input");
  }
  const model::ComparisonOptions options = comparison_options(a);
  const RunLog log(invocation, a.common, false);
  if (a.output != "-") refuse_existing({a.output}, a.common);
  const data::MotifFile queries = data::read_motif_file(a.queries);
  const data::MotifFile targets = data::read_motif_file(a.targets);
  if (targets.motifs.empty()) log.warn(a.targets + ": holds no motif; nothing can match");
  warn_of_uninformative(log, queries.motifs);
  Progress progress(a.common.quiet);
  progress.start("comparing", "");
  const auto matches = model::compare_motifs(queries, targets, options, [&](double part) {
    progress.update(static_cast<std::int64_t>(part * 1000), 1000);
  });
  progress.clear();
  catch_signals(/*user_signal=*/false);
  data::AtomicFile file(a.output);
  TableWriter table([&file](std::string_view bytes) { file.write(bytes); });
  write_matches(queries, targets, matches, options, table);
  table.finish(invocation);
  check_interrupted();
  file.commit();
  log.finish(cat("wrote ", output_name(a.output), " (",
                 counted(static_cast<std::int64_t>(queries.motifs.size()), "query motif"), ", ",
                 counted(static_cast<std::int64_t>(targets.motifs.size()), "target"), ", ",
                 matches.size(), " matches)"));
  return 0;
}

}  // namespace

Action declare_tomtom(CLI::App& app) {
  auto a = std::make_shared<TomtomArguments>();
  app.add_option("QUERY", a->queries, "Motifs to name; - for stdin")->required()->type_name("FILE");
  app.add_option("TARGET", a->targets, "Known motifs; - for stdin")->required()->type_name("FILE");
  app.add_option("-o,--output", a->output, "File to write; - for stdout")->type_name("FILE");
  app.add_option("--dist", a->distance,
                 "Distance of columns: ed (Euclidean) or pearson (correlation)")
      ->type_name("NAME");
  app.add_option("--threshold", a->options.threshold, "Largest q-value of a match");
  app.add_flag("--evalue", a->options.threshold_on_evalue, "The threshold is on E-values instead");
  app.add_option("--min-overlap", a->options.min_overlap,
                 "Columns that must overlap, or all of a narrower motif");
  app.add_option("--motif-pseudo", a->options.pseudocount,
                 "Sites added to each column, spread as the background");
  app.add_flag("--no-rc", a->one_strand, "Targets as they are, not reverse complemented too");
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn tomtom filters.meme JASPAR.meme -o tomtom.tsv\n"
      "Motif files: MEME, JASPAR and others, gzip or not. The table is that of MEME's Tomtom, "
      "digit\n"
      "for digit: a row a match, the best first. ed and pearson match different motifs: which one\n"
      "was used stands in the last lines.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
