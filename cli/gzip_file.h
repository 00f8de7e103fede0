// Compressed output that appears whole or not at all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace explainn::cli {

/// Like data::AtomicFile, but gzip. Equal contents give equal bytes (no name, no time).
class GzipFile {
 public:
  explicit GzipFile(const std::string& path);
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  struct State;
  void deflate_into_file(std::string_view bytes, int flush);

  std::unique_ptr<State> state_;
};

}  // namespace explainn::cli
