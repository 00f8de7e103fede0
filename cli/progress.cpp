#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "cli/run_log.h"

namespace explainn::cli {
namespace {

constexpr int kWidth = 24;
constexpr std::chrono::milliseconds kBetweenDrawings{100};

bool variable_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string bar(double fraction, bool colour) {
  const int full = std::clamp(static_cast<int>(fraction * kWidth), 0, kWidth);
  const std::string filled(static_cast<std::size_t>(full), '#');
  const std::string rest(static_cast<std::size_t>(kWidth - full), '.');
  return colour ? "[\x1b[32m" + filled + "\x1b[0m" + rest + "]" : "[" + filled + rest + "]";
}

}  // namespace

Progress::Progress(bool quiet)
    : visible_(!quiet && isatty(STDERR_FILENO) == 1), colour_(!variable_set("NO_COLOR")) {}

void Progress::start(const std::string& label, const std::string& unit) {
  clear();
  label_ = label;
  unit_ = unit;
  first_ = -1;
  begun_ = Clock::now();
  last_ = begun_;
}

void Progress::update(std::int64_t done, std::int64_t total, const std::string& note) {
  if (!visible_) return;
  if (first_ < 0) first_ = done;
  const auto now = Clock::now();
  if (now - last_ < kBetweenDrawings && done < total) return;
  last_ = now;
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - begun_).count());
  const double rate = static_cast<double>(done - first_) / seconds;
  std::string line = label_ + " ";
  if (total > 0) {
    const double fraction = static_cast<double>(done) / static_cast<double>(total);
    line += bar(fraction, colour_) + " " + std::to_string(std::lround(100 * fraction)) + "%";
  } else {
    line += std::to_string(done);
  }
  if (!unit_.empty()) line += " " + std::to_string(std::lround(rate)) + " " + unit_ + "/s";
  if (total > 0 && rate > 0) {
    line += ", " + duration_text(static_cast<double>(total - done) / rate) + " left";
  }
  // Carriage return, the line, then "erase to the end": the one escape that a bar needs.
  std::cerr << '\r' << line << note << "\x1b[K" << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace explainn::cli
