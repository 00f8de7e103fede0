// The entries of a zip archive as views into its bytes. Only what is stored as it is: compressed
// and encrypted entries are refused, so no entry can be larger than the file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace explainn::data {

/// What the central directory says of one entry; the local headers may hold zeros instead.
struct ZipEntry {
  std::uint64_t offset = 0;  ///< of its local header
  std::uint64_t size = 0;
  std::uint64_t stored_size = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
};

/// Begins with the signature of a zip entry.
bool begins_like_zip(std::string_view bytes);

/// Reads the directory at once and entries when asked for them. `bytes` must outlive the archive.
class ZipArchive {
 public:
  /// `path` is for messages. Throws Error for what is cut off, damaged or has a repeated name.
  ZipArchive(std::string path, std::string_view bytes);

  /// The name of the only entry that ends with `suffix`. Throws Error for none or several.
  std::string_view name_ending_with(std::string_view suffix) const;
  bool contains(std::string_view name) const { return entries_.contains(name); }
  /// The bytes of an entry, their checksum verified. Throws Error if there is none with this name,
  /// if it is compressed or encrypted, lies beyond the file, or is damaged.
  std::string_view read(std::string_view name) const;

 private:
  void read_directory(std::string_view directory, std::uint64_t count);

  std::string path_;
  std::string_view bytes_;
  std::map<std::string_view, ZipEntry> entries_;
};

}  // namespace explainn::data
