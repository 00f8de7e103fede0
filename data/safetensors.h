// The safetensors format (https://huggingface.co/docs/safetensors): an 8-byte little-endian header
// length, a JSON header, raw little-endian tensors. Reading trusts nothing: every length and offset
// is checked against the file before memory is taken.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace explainn::data {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< empty: a scalar
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>,
               std::vector<std::uint8_t>>
      values;  ///< F32, F64, I64, U8
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;  ///< in file order

  /// Null if there is no such tensor.
  const NamedTensor* find(std::string_view name) const;
};

/// Number of elements of a shape (1 for a scalar). Throws std::invalid_argument for a shape that
/// has none: a negative size, a product beyond 63 bits.
std::int64_t element_count(const std::vector<std::int64_t>& shape);
/// The same for shapes from files: nothing instead of an exception.
std::optional<std::int64_t> checked_element_count(const std::vector<std::int64_t>& shape);

/// The file's bytes: equal contents give equal bytes (`__metadata__` first with its keys in order,
/// then the tensors as given; JSON without blanks, filled with spaces to a multiple of 8). Throws
/// std::invalid_argument for a repeated or reserved name, text that is not UTF-8, and values that
/// do not fill their shape.
std::string safetensors_bytes(const TensorFile& file);
/// Writes atomically (see atomic_file.h).
void write_safetensors(const std::string& path, const TensorFile& file);
/// Throws Error with the path and what is wrong: cut off, a header that lies, an unknown type,
/// overlapping or missing bytes, a repeated name. NaN and infinities are values like others here.
TensorFile read_safetensors(const std::string& path);

}  // namespace explainn::data
