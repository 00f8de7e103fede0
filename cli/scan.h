// What the parts of explainn scan share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/data_options.h"
#include "cli/run_log.h"
#include "data/motif_file.h"
#include "model/motif/scanner.h"
#include "model/motif/score_distribution.h"

namespace explainn::cli {

struct ScanArguments {
  CommonOptions common;
  DataOptions data;
  std::string motifs;
  std::string file;
  std::string output = "-";
  double pvalue = 1e-4;
  std::optional<double> qvalue;
  std::string background = "motifs";
  double pseudocount = 0.1;
  std::string scores;
  bool bed = false;
  bool auc = false;
  std::string ids;
  bool one_strand = false;

  model::ScanStrands strands() const {
    return one_strand ? model::ScanStrands::forward : model::ScanStrands::both;
  }
};

/// Motifs as they are scanned.
struct ScanMotifs {
  std::vector<data::Motif> motifs;
  model::Frequencies background{};
  std::vector<model::ScoreColumns> columns;
};

/// What --background names: `motifs` (of the motif file), `uniform`, four frequencies a,c,g,t, or a
/// file of lines like `A 0.3`. Both strands averaged. Throws UsageError, or Error with file and
/// line.
model::Frequencies scan_background(const std::string& wanted, const data::MotifFile& motifs);

// Each does its work from the first sequence to the last line of the log.
void scan_hits(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log);
void scan_scores(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log);
void scan_auc(const ScanArguments& a, const ScanMotifs& motifs, const RunLog& log);

}  // namespace explainn::cli
