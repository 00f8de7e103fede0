// Options that every computing sub-command has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11_forward.h"
#include "kernels/device_choice.h"
#include "model/network.h"

namespace explainn::cli {

struct CommonOptions {
  std::string device = "auto";
  std::optional<int> threads;
  std::uint64_t seed = 1714;
  bool quiet = false;
  bool force = false;
  bool composed = false;
  std::string config;
};

/// Adds --device, --threads, --quiet and --force; --seed and --config where a command has use for
/// them.
void add_common_options(CLI::App& app, CommonOptions& options, bool with_seed, bool with_config);

/// Adds --threads, --quiet and --force: for a command that has no use for a GPU.
void add_running_options(CLI::App& app, CommonOptions& options);

/// Adds --composed, for commands that compute a network.
void add_computation_option(CLI::App& app, CommonOptions& options);
model::Computation computation(const CommonOptions& options);

/// The number of threads when none was asked for: OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else
/// the cores this process may use.
int default_threads();

/// Sets the number of threads for the whole program and returns the device. Throws UsageError for
/// a device that is not there.
DeviceChoice prepare(const CommonOptions& options);

/// Throws Error that names `--force` if one of `paths` exists (pipes and devices do not count).
void refuse_existing(const std::vector<std::string>& paths, const CommonOptions& options);

/// The same of run.json and the files `names` of `folder`.
void refuse_existing_in(const std::string& folder, const std::vector<std::string>& names,
                        const CommonOptions& options);

/// Throws UsageError for a name that promises gzip: `command` writes plain text.
void refuse_gzip_name(const std::string& output, const std::string& command);

/// What the last line calls `output`: "to standard output" for "-".
std::string output_name(const std::string& output);

/// Makes the folder with its parents. Throws Error with the system's reason.
void make_folder(const std::string& folder);

/// `folder`/`name`.
std::string in_folder(const std::string& folder, const std::string& name);

}  // namespace explainn::cli
