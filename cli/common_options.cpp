#include "cli/common_options.h"

#include <sched.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::cli {
namespace {

constexpr int kMostThreads = 1024;
constexpr const char* kRunningGroup = "Running";

// The number in an environment variable ("4", or "4,2" as OpenMP allows); 0 if it holds none.
int environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return 0;
  const std::string_view view = text;
  int number = 0;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
  const bool whole = end == view.data() + view.size() || *end == ',';
  return error == std::errc() && whole && number > 0 && number <= kMostThreads ? number : 0;
}

void add_threads_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--threads", options.threads,
                 cat("Threads [", default_threads(),
                     " here: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK or all cores]"))
      ->group(kRunningGroup);
}

void add_output_flags(CLI::App& app, CommonOptions& options) {
  app.add_flag("--quiet", options.quiet, "Only warnings and errors on stderr")
      ->group(kRunningGroup);
  app.add_flag("--force", options.force, "Overwrite results that exist")->group(kRunningGroup);
}

}  // namespace

void add_running_options(CLI::App& app, CommonOptions& options) {
  options.device = "cpu";
  add_threads_option(app, options);
  add_output_flags(app, options);
}

void add_common_options(CLI::App& app, CommonOptions& options, bool with_seed, bool with_config) {
  app.add_option("--device", options.device,
                 "cpu, cuda (the first GPU), cuda:N, or auto: a GPU where there is one")
      ->group(kRunningGroup);
  add_threads_option(app, options);
  if (with_seed) {
    // Without this check a minus sign would wrap around.
    app.add_option("--seed", options.seed, "Seed of everything random")
        ->check([](const std::string& text) {
          return text.find('-') == std::string::npos ? std::string() : "must be 0 or more: " + text;
        })
        ->group(kRunningGroup);
  }
  if (with_config) {
    app.add_option("--config", options.config,
                   "A run.json: repeat that run; options given here win")
        ->type_name("FILE")
        ->group(kRunningGroup);
  }
  add_output_flags(app, options);
}

void add_computation_option(CLI::App& app, CommonOptions& options) {
  app.add_flag("--composed", options.composed,
               "Compute operation by operation, not in one pass: slow, to check against")
      ->group(kRunningGroup);
}

model::Computation computation(const CommonOptions& options) {
  return options.composed ? model::Computation::composed : model::Computation::fused;
}

int default_threads() {
  for (const char* name : {"OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"}) {
    if (const int number = environment_number(name); number > 0) return number;
  }
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

DeviceChoice prepare(const CommonOptions& options) {
  const int threads = options.threads.value_or(default_threads());
  if (threads < 1 || threads > kMostThreads) {
    throw UsageError(cat("--threads ", threads, ": give a number from 1 to ", kMostThreads));
  }
  set_thread_count(threads);
  // CUDA takes a moment to start: only where it is wanted.
  return choose_device(options.device, options.device == "cpu" ? Gpus{} : find_gpus());
}

void refuse_existing(const std::vector<std::string>& paths, const CommonOptions& options) {
  for (const std::string& path : paths) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
      throw Error(path + ": is a folder; name a file to write");
    }
    if (!options.force && std::filesystem::is_regular_file(status)) {
      throw Error(path + ": exists already; give --force to overwrite it, or another place");
    }
  }
}

void refuse_existing_in(const std::string& folder, const std::vector<std::string>& names,
                        const CommonOptions& options) {
  std::vector<std::string> paths = {in_folder(folder, "run.json")};
  for (const std::string& name : names) paths.push_back(in_folder(folder, name));
  refuse_existing(paths, options);
}

void refuse_gzip_name(const std::string& output, const std::string& command) {
  if (!output.ends_with(".gz")) return;
  throw UsageError(output + ": " + command +
                   " writes plain text; leave .gz away, or write to standard output and pipe it "
                   "through gzip");
}

std::string output_name(const std::string& output) {
  return output == "-" ? "to standard output" : output;
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) throw Error(cat(folder, ": cannot make this folder: ", error.message()));
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace explainn::cli
