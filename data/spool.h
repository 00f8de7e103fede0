// Bytes that wait until all of them are known.
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace explainn::data {

/// Written first, then read once from the front. A few stay in memory; more go to a file without a
/// name in the folder TMPDIR names, or /tmp. Throws Error with the folder and the system's reason.
class Spool {
 public:
  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  void write(std::string_view bytes);
  /// From now on bytes are read.
  void rewind();
  /// The next bytes, as many as `out` has room for; false at the end. Throws Error if there are
  /// some but too few.
  bool read(std::span<char> out);

 private:
  void open_file();
  void flush();
  [[noreturn]] void fail(const char* what) const;

  std::string folder_;
  std::string waiting_;  // not yet in the file, or all if there is none
  std::size_t at_ = 0;   // of `waiting_`, while reading without a file
  std::FILE* file_ = nullptr;
};

}  // namespace explainn::data
