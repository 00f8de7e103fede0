// explainn tomtom: motifs against a database of known ones.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/comparison_options.h"
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
  ComparisonArguments comparison;
  std::string queries;
  std::string targets;
  std::string output = "-";
};

model::ComparisonOptions options_of(const TomtomArguments& a) {
  const model::ComparisonOptions options = comparison_options(a.comparison);
  if (!(options.threshold >= 0)) {
    throw UsageError(cat("--threshold ", options.threshold, ": give 0 or more"));
  }
  return options;
}

int run(const TomtomArguments& a, const Invocation& invocation) {
  refuse_gzip_name(a.output, "tomtom");
  if (a.queries == "-" && a.targets == "-") {
    throw UsageError("QUERY and TARGET cannot both be standard input");
  }
  const model::ComparisonOptions options = options_of(a);
  const RunLog log(invocation, a.common, false);
  if (a.output != "-") refuse_existing({a.output}, a.common);
  const data::MotifFile queries = data::read_motif_file(a.queries);
  const data::MotifFile targets = data::read_motif_file(a.targets);
  if (targets.motifs.empty()) log.warn(a.targets + ": holds no motif; nothing can match");
  warn_of_uninformative(log, queries.motifs, "so that matches mean nothing");
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
  app.add_option("--threshold", a->comparison.options.threshold, "Largest q-value of a match");
  app.add_flag("--evalue", a->comparison.options.threshold_on_evalue,
               "The threshold is on E-values instead");
  add_comparison_options(app, a->comparison);
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
