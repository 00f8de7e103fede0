// The JSON header of a safetensors file, taken apart without building a tree: what a header can
// make us allocate is a small multiple of its own length.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace explainn::data {

/// What the header says of one tensor. Nothing of it is checked against the file yet.
struct TensorEntry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;     ///< sizes >= 0
  std::vector<std::int64_t> interval;  ///< begin and end in bytes, counted from the header's end
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorEntry> entries;  ///< in the header's order
};

/// Parses `text`. Throws Error with `path` for what is no JSON or no such header: other keys or
/// types, missing or repeated keys, numbers that are no sizes, more than 64 dimensions.
SafetensorsHeader parse_safetensors_header(const std::string& path, std::string_view text);

}  // namespace explainn::data
