// Pickles written opcode by opcode.
#pragma once

#include <string>

#include "tests/support/zip_builder.h"

namespace explainn::opcode {

inline std::string text(const std::string& value) {
  return "X" + little_endian(value.size(), 4) + value;
}
inline std::string number(std::int32_t value) {
  return "J" + little_endian(static_cast<std::uint32_t>(value), 4);
}
/// Any 64-bit integer.
inline std::string wide(std::int64_t value) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8);
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::string& items) {
  return "(" + items + "t";
}
inline std::string whole(const std::string& body) {
  return "\x80\x02" + body + ".";
}

/// A storage and a tensor in it, as torch.save writes them; shape and strides are tuples.
inline std::string storage(const std::string& type, const std::string& key, std::int64_t count) {
  return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + wide(count)) +
         "Q";
}
inline std::string tensor(const std::string& storage_of, std::int64_t offset,
                          const std::string& shape, const std::string& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple(storage_of + wide(offset) + shape + strides + "\x89" +
               global("collections", "OrderedDict") + ")R") +
         "R";
}

}  // namespace explainn::opcode
