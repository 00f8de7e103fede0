// The bytes of a file or of standard input, inflated if they are gzip, hashed as they pass.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace explainn::data {

/// Reads from front to back. gzip is recognised by its first bytes, members may follow each other.
class ByteSource {
 public:
  /// Opens `path`, "-" for standard input. Throws Error if it cannot be opened or is a folder.
  explicit ByteSource(const std::string& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills `out` with the next bytes (inflated). Returns their number, 0 at the end only. Throws
  /// Error at `line` (where the caller stands) for read errors, cut off or damaged gzip, and other
  /// compressions. Bytes before the damage are handed out first.
  std::size_t read(std::span<char> out, std::int64_t line);

  /// The path as messages show it.
  const std::string& name() const { return name_; }
  /// XXH128 of the stored bytes read so far, as `xxh128sum` prints it.
  std::string hash() const;
  /// Stored bytes read so far (before inflation).
  std::int64_t bytes() const { return bytes_; }
  /// Size of the file as stored; 0 where it has none (a pipe).
  std::int64_t total_bytes() const { return total_bytes_; }

 private:
  struct Inflater;
  struct Hasher;

  /// Reads stored bytes, counts and hashes them. 0 at the end.
  std::size_t read_stored(std::span<char> out, std::int64_t line);
  void recognise(std::int64_t line);
  std::size_t read_inflated(std::span<char> out, std::int64_t line);
  bool next_member(std::int64_t line);

  std::string name_;
  int descriptor_ = -1;
  std::int64_t bytes_ = 0;
  std::int64_t total_bytes_ = 0;
  bool recognised_ = false;
  std::vector<char> stored_;            ///< what was read but not yet handed out or inflated
  std::span<const char> waiting_;       ///< the part of `stored_` still to be used
  std::unique_ptr<Inflater> inflater_;  ///< null unless gzip
  std::unique_ptr<Hasher> hasher_;
};

}  // namespace explainn::data
