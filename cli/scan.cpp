// explainn scan: where motifs match sequences, how well, and how good they are at telling them
// apart.
#include "cli/scan.h"
#include "cli/motif_choice.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "cli/command.h"
#include "cli/signals.h"
#include "data/motif_reader.h"
#include "kernels/base/error.h"

namespace explainn::cli {
namespace {

void check_arguments(const ScanArguments& a) {
  refuse_gzip_name(a.output, "scan");
  if (a.motifs == "-" && a.file == "-") {
    throw UsageError("MOTIFS and SEQUENCES cannot both be standard input");
  }
  if (!(a.pvalue > 0 && a.pvalue <= 1)) {
    throw UsageError(cat("--pvalue ", a.pvalue, ": give more than 0, and 1 at most"));
  }
  if (a.qvalue && !(*a.qvalue > 0 && *a.qvalue <= 1)) {
    throw UsageError(cat("--qvalue ", *a.qvalue, ": give more than 0, and 1 at most"));
  }
  if (!(a.pseudocount > 0 && std::isfinite(a.pseudocount))) {
    throw UsageError(cat("--motif-pseudo ", a.pseudocount,
                         ": give more than 0 sites; without any, one letter could rule a window "
                         "out"));
  }
  if (!a.scores.empty() && a.scores != "best" && a.scores != "sum") {
    throw UsageError(cat("--scores ", a.scores, ": there is best and sum"));
  }
  const DataOptions& d = a.data;
  const bool labels = !(d.targets.empty() && d.ignore.empty() && d.positives.empty() &&
                        d.split.empty() && d.valid_chroms.empty() && d.test_chroms.empty());
  if (labels && !a.auc) {
    throw UsageError(
        "options about labels and splits need --auc; without it all sequences are scanned");
  }
  if (a.file.empty() && d.positives.empty()) throw UsageError("SEQUENCES is required");
}

ScanMotifs prepare_motifs(const ScanArguments& a) {
  data::MotifFile file = data::read_motif_file(a.motifs);
  choose_motifs(a.ids, file.motifs);
  ScanMotifs motifs;
  motifs.background = scan_background(a.background, file);
  motifs.motifs = std::move(file.motifs);
  for (const data::Motif& motif : motifs.motifs) {
    motifs.columns.push_back(model::score_columns(motif, motifs.background, a.pseudocount));
  }
  return motifs;
}

int run(const ScanArguments& a, const Invocation& invocation) {
  check_arguments(a);
  const RunLog log(invocation, a.common, false);
  if (a.output != "-") refuse_existing({a.output}, a.common);
  const ScanMotifs motifs = prepare_motifs(a);
  if (motifs.motifs.empty()) log.warn(a.motifs + ": holds no motif; nothing can match");
  log.say(cat("background A and T ", motifs.background[0], ", C and G ", motifs.background[1]));
  catch_signals(/*user_signal=*/false);
  if (a.auc) {
    scan_auc(a, motifs, log);
  } else if (!a.scores.empty()) {
    scan_scores(a, motifs, log);
  } else {
    scan_hits(a, motifs, log);
  }
  return 0;
}

void add_output_options(CLI::App& app, ScanArguments& a) {
  app.add_option("-o,--output", a.output, "File to write; - for stdout")->type_name("FILE");
  CLI::Option* pvalue =
      app.add_option("--pvalue,--thresh", a.pvalue, "Largest p-value of a hit")->type_name("P");
  CLI::Option* qvalue =
      app.add_option("--qvalue", a.qvalue, "Largest q-value of a hit, besides [any]")
          ->type_name("Q");
  CLI::Option* bed = app.add_flag("--bed", a.bed, "Hits as BED with six columns");
  CLI::Option* scores =
      app.add_option("--scores", a.scores,
                     "No hits but a row a sequence, a column a motif: best (score of the best "
                     "window) or sum (log2 of the sum of 2^score over all windows)")
          ->type_name("best|sum");
  CLI::Option* auc = app.add_flag("--auc", a.auc,
                                  "No hits but aucROC and aucPR of each motif for each label "
                                  "column, by best window and by sum");
  for (CLI::Option* each : {pvalue, qvalue, bed}) scores->excludes(each);
  for (CLI::Option* each : {pvalue, qvalue, bed, scores}) auc->excludes(each);
}

}  // namespace

Action declare_scan(CLI::App& app) {
  auto a = std::make_shared<ScanArguments>();
  app.add_option("MOTIFS", a->motifs, "MEME, JASPAR and others; - for stdin")
      ->required()
      ->type_name("FILE");
  CLI::Option* file =
      app.add_option("SEQUENCES", a->file, "FASTA, FASTQ or table, gzip or not; - for stdin")
          ->type_name("FILE");
  add_output_options(app, *a);
  app.add_option("--ids", a->ids, "These motifs alone, a,b,c: ids or names")->type_name("IDS");
  app.add_flag("--no-rc", a->one_strand,
               "Sequences as they are, not their reverse complements too");
  app.add_option("--background,--bfile", a->background,
                 "motifs (what their file says, else uniform), uniform, four frequencies a,c,g,t, "
                 "or a file of lines like A 0.3; both strands averaged");
  app.add_option("--motif-pseudo", a->pseudocount,
                 "Sites added to each column, spread as the background");
  add_column_options(app, a->data, true);
  add_two_file_options(app, a->data, {file});
  add_chromosome_options(app, a->data);
  add_split_option(app, a->data, "test");
  add_running_options(app, a->common);
  app.footer(
      "Example: explainn scan JASPAR.meme peaks.fa.gz --pvalue 1e-5 -o hits.tsv\n"
      "Both strands are scanned (without --no-rc), windows with an unknown base left out. Scores "
      "are log2 of odds\n"
      "against the background. p-values are exact (for one window), q-values by Benjamini and\n"
      "Hochberg over all windows of a motif. Places count from 1 within the sequence; with --bed\n"
      "from 0 and, for ids like chr1:100-200 or columns chrom start end, in the genome.");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
