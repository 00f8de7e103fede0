#include "cli/run_log.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/version.h"
#include "kernels/base/parallel.h"

namespace explainn::cli {
namespace {

std::string size_text(std::int64_t bytes) {
  std::array<char, 32> text{};
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  std::snprintf(text.data(), text.size(), mebibytes < 1024 ? "%.0f MiB" : "%.1f GiB",
                mebibytes < 1024 ? mebibytes : mebibytes / 1024);
  return text.data();
}

}  // namespace

std::int64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("VmHWM:", 0) != 0) continue;
    std::int64_t kibibytes = 0;
    std::istringstream(line.substr(6)) >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string duration_text(double seconds) {
  std::array<char, 48> text{};
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ldm %02lds", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ldh %02ldm", whole / 3600, whole % 3600 / 60);
  }
  return text.data();
}

RunLog::RunLog(const Invocation& invocation, const CommonOptions& options, bool with_seed)
    : invocation_(invocation), options_(options), choice_(prepare(options)) {
  say("explainn " + version() + " (" + commit() + ") " + invocation.options->get_name() + ", " +
      (device().kind == DeviceKind::cpu ? "CPU"
                                        : to_string(device()) + " (" + device_name() + ")") +
      ", " + counted(thread_count(), "thread") +
      (with_seed ? ", seed " + std::to_string(options.seed) : ""));
  if (!choice_.note.empty()) say(choice_.note);
}

void RunLog::say(const std::string& text) const {
  if (!options_.quiet) std::cerr << text << '\n';
}

void RunLog::warn(const std::string& text) const {
  std::cerr << "explainn: warning: " << text << '\n';
}

void RunLog::finish(const std::string& written) const {
  const std::int64_t memory = peak_memory();
  say(written + "; " + duration_text(seconds()) +
      (memory > 0 ? ", peak memory " + size_text(memory) : ""));
}

double RunLog::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - clock_).count();
}

}  // namespace explainn::cli
