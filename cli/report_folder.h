// The report of a folder, as interpret and report write it.
#pragma once

#include <string>
#include <vector>

#include "cli/run_log.h"
#include "data/dataset.h"
#include "model/report/facts.h"

namespace explainn::cli {

/// A file by its name without folders, for report.json.
model::report::Source source_of(const std::string& part, const data::InputFile& file);

/// Writes report.json into `folder`.
void write_facts(const std::string& folder, const model::report::Facts& facts);

/// Throws Error that names `--force` if `folder` has figures already.
void refuse_figures(const std::string& folder, const CommonOptions& options);

/// Reads the tables of `folder` and writes the page to `path`, and with `figures` every plot into
/// `folder`/figures. Returns the number of plots written.
std::size_t write_report(const std::string& folder, const std::string& path, bool figures);

}  // namespace explainn::cli
