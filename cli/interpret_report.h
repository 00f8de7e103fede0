// The report of explainn interpret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/interpret_tables.h"
#include "model/report/facts.h"

namespace explainn::cli {

/// What the report has to know of the command.
struct ReportRequest {
  const std::string& model;  ///< path
  const std::string& split;  ///< as asked for; empty: the standard one
  std::string distance;      ///< of the comparison; empty: no known motifs
  double q_value;
  bool quiet;
  bool figures;
};

/// Model, data and, unless `known` is empty, known motifs: by their paths.
std::vector<data::InputFile> interpreted_inputs(const std::string& model,
                                                const data::Dataset& dataset,
                                                const std::string& known);

/// How good the model is, and what each unit has to do with it.
struct Judged {
  model::report::Performance performance;
  std::vector<double> effects;  ///< [U, T] as in effects.tsv
};

/// Judges the model on the test split, or on `rows` where the data have none, and writes
/// effects.tsv.
Judged judge_model(const ReportRequest& request, const InterpretTables& tables,
                   std::span<const std::uint32_t> rows);

/// Writes report.json and report.html beside the tables, which must be there. `rows`: those of
/// which tables.rows are the well predicted; `inputs`: interpreted_inputs().
void report_on(const ReportRequest& request, const InterpretTables& tables, const Judged& judged,
               const std::vector<model::MotifMatch>& matches, const model::WellPredicted& rule,
               std::span<const std::uint32_t> rows, const std::vector<data::InputFile>& inputs);

}  // namespace explainn::cli
