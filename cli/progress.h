// A bar with rate and time left on a terminal; elsewhere nothing but the lines of RunLog.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace explainn::cli {

class Progress {
 public:
  /// Draws only on a terminal, and not with `quiet`. NO_COLOR is honoured.
  explicit Progress(bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Starts over: `label` stands before the bar, rates are in `unit` a second (empty: not shown).
  void start(const std::string& label, const std::string& unit);
  /// `done` of `total` (0: not known); `note` stands behind. Redraws ten times a second at most.
  void update(std::int64_t done, std::int64_t total, const std::string& note = "");
  /// Removes the bar, so that a line can be printed.
  void clear();

  bool visible() const { return visible_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool visible_;
  bool colour_;
  bool drawn_ = false;
  std::int64_t first_ = -1;  ///< done at the first update: after a resume more than 0
  std::string label_;
  std::string unit_;
  Clock::time_point begun_;
  Clock::time_point last_;
};

}  // namespace explainn::cli
