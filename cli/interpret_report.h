// The report of explainn interpret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/interpret_tables.h"

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

/// Judges the model on the test split (on `rows` where the data have none), then writes report.json
/// and report.html beside the tables, which must be there. `rows`: those of which tables.rows are
/// the well predicted; `inputs`: model, data, known motifs if there are any.
void report_on(const ReportRequest& request, const InterpretTables& tables,
               const std::vector<model::MotifMatch>& matches, const model::WellPredicted& rule,
               std::span<const std::uint32_t> rows, const std::vector<data::InputFile>& inputs);

}  // namespace explainn::cli
