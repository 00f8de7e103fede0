// Errors with a place. The library never prints and never exits: it throws one of these, and the
// command line turns it into one line on stderr and an exit code.
#pragma once

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace explainn {

/// A failure the user can act on (bad file, damaged model, full disk). Exit code 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A request that makes no sense (an option's value, sizes that do not fit). Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Joins its arguments as `operator<<` prints them.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// Throws Error("<path>:<line>: <what>"); line 0 stands for the file as a whole ("<path>: <what>").
template <typename... Parts>
[[noreturn]] void fail_at(const std::string& path, std::int64_t line, const Parts&... what) {
  if (line > 0) throw Error(cat(path, ":", line, ": ", what...));
  throw Error(cat(path, ": ", what...));
}

/// Throws std::invalid_argument("[<op>] <what>") unless `ok`: a broken contract between rooms, with
/// both shapes in `what`.
template <typename... Parts>
void require(bool ok, const char* op, const Parts&... what) {
  if (!ok) throw std::invalid_argument(cat("[", op, "] ", what...));
}

}  // namespace explainn
