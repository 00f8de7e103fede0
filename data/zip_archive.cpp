// The layout: APPNOTE.TXT of PKWARE, sections 4.3.6 to 4.5.3.
#include "data/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "data/input_stream.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

constexpr std::string_view kLocalHeader("PK\x03\x04", 4);
constexpr std::string_view kDirectoryHeader("PK\x01\x02", 4);
constexpr std::string_view kEnd("PK\x05\x06", 4);
constexpr std::string_view kEnd64("PK\x06\x06", 4);
constexpr std::string_view kEnd64Locator("PK\x06\x07", 4);
constexpr std::size_t kLocalHeaderSize = 30;
constexpr std::size_t kDirectoryHeaderSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kEnd64LocatorSize = 20;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint32_t kSeeZip64 = 0xffffffff;  // the field did not fit 32 bits
constexpr std::uint16_t kZip64Field = 1;
constexpr std::uint16_t kEncrypted = 1;

/// The little-endian number of `width` bytes at `at`; they must be there.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

/// `size` bytes from `offset`, or nothing if they are not all there.
std::optional<std::string_view> part(std::string_view bytes, std::uint64_t offset,
                                     std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.substr(offset, size);
}

struct Directory {
  std::uint64_t count;
  std::uint64_t size;
  std::uint64_t offset;
};

/// Where the end record begins: the last place from which its comment reaches the end of the file.
std::optional<std::size_t> find_end(std::string_view bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  const std::size_t last = bytes.size() - kEndSize;
  const std::size_t first = last - std::min(last, kLongestComment);
  for (std::size_t at = last + 1; at-- > first;) {
    if (bytes.substr(at, 4) == kEnd && number(bytes, at + 20, 2) == last - at) return at;
  }
  return std::nullopt;
}

/// What the end record says, or the 64-bit one before it where there is one. Nothing if damaged.
std::optional<Directory> find_directory(std::string_view bytes) {
  const std::optional<std::size_t> end = find_end(bytes);
  if (!end) return std::nullopt;
  if (*end >= kEnd64LocatorSize) {
    const std::string_view locator = bytes.substr(*end - kEnd64LocatorSize, kEnd64LocatorSize);
    if (locator.starts_with(kEnd64Locator)) {
      const auto end64 = part(bytes, number(locator, 8, 8), kEnd64Size);
      if (!end64 || !end64->starts_with(kEnd64)) return std::nullopt;
      return Directory{number(*end64, 32, 8), number(*end64, 40, 8), number(*end64, 48, 8)};
    }
  }
  return Directory{number(bytes, *end + 10, 2), number(bytes, *end + 12, 4),
                   number(bytes, *end + 16, 4)};
}

/// Fills in what did not fit 32 bits from the extra fields: those that say so, in this order.
bool apply_zip64(ZipEntry& entry, std::string_view extra) {
  while (extra.size() >= 4) {
    const std::uint64_t kind = number(extra, 0, 2);
    const auto field = part(extra, 4, number(extra, 2, 2));
    if (!field) break;
    if (kind == kZip64Field) {
      std::size_t at = 0;
      for (std::uint64_t* value : {&entry.size, &entry.stored_size, &entry.offset}) {
        if (*value != kSeeZip64) continue;
        if (field->size() < at + 8) return false;
        *value = number(*field, at, 8);
        at += 8;
      }
      return true;
    }
    extra.remove_prefix(4 + field->size());
  }
  return true;
}

std::uint32_t checksum(std::string_view bytes) {
  uLong crc = crc32(0, nullptr, 0);
  while (!bytes.empty()) {
    const std::size_t block = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(block));
    bytes.remove_prefix(block);
  }
  return static_cast<std::uint32_t>(crc);
}

}  // namespace

bool begins_like_zip(std::string_view bytes) {
  return bytes.starts_with(kLocalHeader);
}

ZipArchive::ZipArchive(std::string path, std::string_view bytes)
    : path_(std::move(path)), bytes_(bytes) {
  const std::optional<Directory> place = find_directory(bytes_);
  if (!place) {
    fail_at(path_, 0, "has no zip directory at its end: it is cut off or no PyTorch checkpoint,",
            " copy or download it again");
  }
  const auto directory = part(bytes_, place->offset, place->size);
  if (!directory || place->count > directory->size() / kDirectoryHeaderSize) {
    fail_at(path_, 0, "its zip directory lies beyond the file: it is cut off or damaged");
  }
  read_directory(*directory, place->count);
}

void ZipArchive::read_directory(std::string_view directory, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto header = part(directory, 0, kDirectoryHeaderSize);
    if (!header || !header->starts_with(kDirectoryHeader)) {
      fail_at(path_, 0, "entry ", i + 1, " of its zip directory is damaged");
    }
    const std::size_t name_size = number(*header, 28, 2);
    const std::size_t extra_size = number(*header, 30, 2);
    const std::size_t comment_size = number(*header, 32, 2);
    const auto tail = part(directory, kDirectoryHeaderSize, name_size + extra_size + comment_size);
    ZipEntry entry{.offset = number(*header, 42, 4),
                   .size = number(*header, 24, 4),
                   .stored_size = number(*header, 20, 4),
                   .crc = static_cast<std::uint32_t>(number(*header, 16, 4)),
                   .method = static_cast<std::uint16_t>(number(*header, 10, 2)),
                   .flags = static_cast<std::uint16_t>(number(*header, 8, 2))};
    if (!tail || !apply_zip64(entry, tail->substr(name_size, extra_size))) {
      fail_at(path_, 0, "entry ", i + 1, " of its zip directory is damaged");
    }
    const std::string_view name = tail->substr(0, name_size);
    if (!entries_.emplace(name, entry).second) {
      fail_at(path_, 0, "its zip directory names ", shown(name), " twice, the file is damaged");
    }
    directory.remove_prefix(kDirectoryHeaderSize + tail->size());
  }
}

std::string_view ZipArchive::name_ending_with(std::string_view suffix) const {
  std::string_view found;
  for (const auto& [name, entry] : entries_) {
    if (!name.ends_with(suffix)) continue;
    if (!found.empty()) fail_at(path_, 0, "has several entries that end with ", shown(suffix));
    found = name;
  }
  if (found.empty()) {
    fail_at(path_, 0, "has no entry that ends with ", shown(suffix),
            ": it is a zip file but no PyTorch checkpoint");
  }
  return found;
}

std::string_view ZipArchive::read(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    fail_at(path_, 0, "has no entry ", shown(name), ": it is damaged");
  }
  const ZipEntry& entry = found->second;
  if ((entry.flags & kEncrypted) != 0) {
    fail_at(path_, 0, "its entry ", shown(name), " is encrypted, give a file without password");
  }
  if (entry.method != 0 || entry.size != entry.stored_size) {
    fail_at(path_, 0, "its entry ", shown(name),
            " is compressed, which PyTorch never does:", " give the file as torch.save wrote it");
  }
  const auto local = part(bytes_, entry.offset, kLocalHeaderSize);
  if (!local || !local->starts_with(kLocalHeader)) {
    fail_at(path_, 0, "its entry ", shown(name), " is not where the zip directory says: the file",
            " is cut off or damaged");
  }
  // The local header's own name and extra field may be longer than the directory's (padding).
  const std::uint64_t begin =
      entry.offset + kLocalHeaderSize + number(*local, 26, 2) + number(*local, 28, 2);
  const auto content = part(bytes_, begin, entry.size);
  if (!content) {
    fail_at(path_, 0, "its entry ", shown(name), " of ", entry.size, " bytes reaches beyond the",
            " file: it is cut off or damaged");
  }
  if (checksum(*content) != entry.crc) {
    fail_at(path_, 0, "the bytes of its entry ", shown(name), " do not fit their checksum: the",
            " file is damaged, copy or download it again");
  }
  return *content;
}

}  // namespace explainn::data
