// run.json: how the results in a folder came about, and enough to repeat it (`--config run.json`).
#pragma once

#include <string>
#include <vector>

#include "cli/run_log.h"
#include "data/dataset.h"

namespace explainn::cli {

/// Name, size and hash of a file that was read elsewhere (a model).
data::InputFile describe_input(const std::string& path);

/// Writes `folder`/run.json: version, commit, command and options, seed, inputs, device, times.
/// `outcome` says how it ended ("finished", "stopped by a signal").
void write_run_json(const std::string& folder, const RunLog& log,
                    const std::vector<data::InputFile>& inputs, const std::string& outcome);

}  // namespace explainn::cli
