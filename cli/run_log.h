// What a run says about itself on stderr, and the numbers behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/command.h"
#include "cli/common_options.h"
#include "kernels/device_choice.h"

namespace explainn::cli {

/// Largest memory this process has held, in bytes; 0 where the system does not tell.
std::int64_t peak_memory();

class RunLog {
 public:
  /// Prepares threads and device, and prints the first line: version, device and threads, seed; and,
  /// where a GPU might have been meant, why it is none.
  RunLog(const Invocation& invocation, const CommonOptions& options, bool with_seed);

  /// A line, unless --quiet.
  void say(const std::string& text) const;
  /// A line, --quiet or not.
  void warn(const std::string& text) const;
  /// The last line: what was written, time, peak memory.
  void finish(const std::string& written) const;

  const Invocation& invocation() const { return invocation_; }
  const CommonOptions& options() const { return options_; }
  Device device() const { return choice_.device; }
  /// "CPU", or the GPU's name.
  const std::string& device_name() const { return choice_.name; }
  std::chrono::system_clock::time_point started() const { return started_; }
  double seconds() const;

 private:
  const Invocation& invocation_;
  const CommonOptions& options_;
  DeviceChoice choice_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point clock_ = std::chrono::steady_clock::now();
};

/// "1 thread", "2 threads".
std::string counted(std::int64_t count, const std::string& what);
/// 75.3 -> "1m 15s", 3.21 -> "3.2 s".
std::string duration_text(double seconds);

}  // namespace explainn::cli
