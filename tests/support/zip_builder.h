// Zip archives made by hand, right and wrong ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/error.h"

namespace explainn {

struct ZipPart {
  std::string name;
  std::string bytes;
  int method = 0;                ///< 0: stored
  int flags = 0x808;             ///< sizes follow the data; names are UTF-8
  std::int64_t size_error = 0;   ///< added to both sizes in the directory
  std::int64_t place_error = 0;  ///< added to the place of the local header
};

/// `value` in `width` little-endian bytes.
inline std::string little_endian(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

/// Local headers hold no sizes, as PyTorch leaves them; with `zip64`, sizes, places and the place
/// of the directory stand in the 64-bit fields only.
inline std::string zip_bytes(const std::vector<ZipPart>& parts, bool zip64 = false,
                             const std::string& comment = "") {
  std::string out;
  std::string directory;
  for (const ZipPart& part : parts) {
    const auto* const data = reinterpret_cast<const Bytef*>(part.bytes.data());
    const std::string crc = little_endian(crc32(0, data, static_cast<uInt>(part.bytes.size())), 4);
    const auto size = part.bytes.size() + static_cast<std::uint64_t>(part.size_error);
    const auto place = out.size() + static_cast<std::uint64_t>(part.place_error);
    const std::string name_size = little_endian(part.name.size(), 2);
    const std::string start =
        cat(little_endian(static_cast<std::uint64_t>(part.flags), 2),
            little_endian(static_cast<std::uint64_t>(part.method), 2), std::string(4, '\0'));
    const std::string padding = cat("FB", little_endian(3, 2), "ZZZ");
    out += cat(std::string("PK\x03\x04\0\0", 6), start, std::string(12, '\0'), name_size,
               little_endian(padding.size(), 2), part.name, padding, part.bytes);
    const std::string narrow = little_endian(zip64 ? 0xffffffff : size, 4);
    const std::string wide =
        cat(std::string("XX\x02\0..", 6), std::string("\x01\0", 2), little_endian(24, 2),
            little_endian(size, 8), little_endian(size, 8), little_endian(place, 8));
    const std::string extra = zip64 ? wide : "";
    directory += cat(std::string("PK\x01\x02\0\0\0\0", 8), start, crc, narrow, narrow, name_size,
                     little_endian(extra.size(), 2), std::string(10, '\0'),
                     little_endian(zip64 ? 0xffffffff : place, 4), part.name, extra);
  }
  const std::size_t place = out.size();
  out += directory;
  const auto count = parts.size();
  if (zip64) {
    const std::size_t end64 = out.size();
    out += "PK\x06\x06" + little_endian(44, 8) + std::string(12, '\0') + little_endian(count, 8) +
           little_endian(count, 8) + little_endian(directory.size(), 8) + little_endian(place, 8);
    out += "PK\x06\x07" + std::string(4, '\0') + little_endian(end64, 8) + little_endian(1, 4);
  }
  const std::uint64_t all = 0xffffffff;
  return out + std::string("PK\x05\x06\0\0\0\0", 8) + little_endian(zip64 ? all : count, 2) +
         little_endian(zip64 ? all : count, 2) + little_endian(zip64 ? all : directory.size(), 4) +
         little_endian(zip64 ? all : place, 4) + little_endian(comment.size(), 2) + comment;
}

}  // namespace explainn
