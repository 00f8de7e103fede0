// Lines of a text file, each looked at in place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_source.h"
#include "kernels/base/error.h"

namespace explainn::data {

/// Hands out line after line from one reused buffer. Lines end with LF or CRLF; the last one may
/// end with neither. A byte order mark (UTF-8) at the front is skipped.
class InputStream {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{1} << 30;

  /// Opens `path`, "-" for standard input; gzip is recognised (see ByteSource).
  explicit InputStream(const std::string& path, std::size_t longest_line = kLongestLine);

  /// The next line without its end; false after the last. The view holds until the next call.
  /// Throws Error with file and line for NUL bytes, damaged gzip and lines beyond the longest.
  bool line(std::string_view& text);
  /// The next call of line() gives the last line once more.
  void put_back() { again_ = true; }
  /// Number of the last line, from 1.
  std::int64_t line_number() const { return line_number_; }

  const ByteSource& source() const { return source_; }
  /// Throws Error "<file>:<line>: <what>".
  template <typename... Parts>
  [[noreturn]] void fail(std::int64_t line, const Parts&... what) const {
    fail_at(source_.name(), line, what...);
  }

 private:
  bool fill();

  ByteSource source_;
  std::size_t longest_line_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< of the bytes not yet handed out
  std::size_t end_ = 0;    ///< of the bytes in the buffer
  std::string_view last_;
  std::int64_t line_number_ = 0;
  bool again_ = false;
  bool at_end_ = false;
};

/// `text` in quotes for a message: at most 40 characters, what does not print as \xNN.
std::string shown(std::string_view text);

}  // namespace explainn::data
