// Files that appear whole or not at all.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace explainn::data {

/// Writes to a temporary name beside `path`; commit() flushes, fsyncs and renames, the destructor
/// without commit() removes the temporary. "-" writes to standard output; pipes and devices
/// (/dev/null) are written as they are; a symbolic link stays and what it names is replaced. All
/// errors (full disk, closed pipe, unwritable folder) throw Error with the path and the system's
/// reason; a process that wants the one for a closed pipe ignores SIGPIPE.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Once, and nothing may be written after it.
  void commit();

 private:
  void discard() noexcept;

  std::string path_;       ///< as given: for messages
  std::string target_;     ///< the file behind links, to be replaced; empty if written directly
  std::string temporary_;  ///< empty if there is none (any more)
  std::FILE* file_ = nullptr;
};

/// Writes `bytes` to `path` atomically.
void write_file(const std::string& path, std::string_view bytes);
/// The whole file. Throws Error if it cannot be read or is larger than `limit` bytes; what has no
/// size of its own (a pipe, a device) may give 1 GiB at most.
std::string read_file(const std::string& path, std::size_t limit = std::size_t{1} << 40);

}  // namespace explainn::data
