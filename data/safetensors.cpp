#include "data/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <unordered_set>
#include <utility>

#include "data/atomic_file.h"
#include "data/input_stream.h"
#include "data/safetensors_header.h"
#include "kernels/base/error.h"

namespace explainn::data {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are stored as they lie in memory");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

using Values = decltype(NamedTensor::values);

/// An empty vector of the type that `dtype` names; false if it is none of ours.
bool values_of_type(std::string_view dtype, Values& values) {
  if (dtype == "F32") {
    values.emplace<std::vector<float>>();
  } else if (dtype == "F64") {
    values.emplace<std::vector<double>>();
  } else if (dtype == "I64") {
    values.emplace<std::vector<std::int64_t>>();
  } else if (dtype == "U8") {
    values.emplace<std::vector<std::uint8_t>>();
  } else {
    return false;
  }
  return true;
}

const char* type_name(const Values& values) {
  static constexpr const char* kNames[] = {"F32", "F64", "I64", "U8"};
  return kNames[values.index()];
}

std::size_t element_size(const Values& values) {
  return std::visit([](const auto& v) { return sizeof(v[0]); }, values);
}

std::string_view bytes_of(const Values& values) {
  return std::visit(
      [](const auto& v) {
        return std::string_view(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(v[0]));
      },
      values);
}

/// `text` as a JSON string.
std::string json_text(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw std::invalid_argument(cat("[safetensors_bytes] ", shown(text), " is not UTF-8"));
  }
}

std::string metadata_json(const std::map<std::string, std::string>& metadata) {
  std::string out;
  for (const auto& [key, value] : metadata) {
    out += cat(out.empty() ? "" : ",", json_text(key), ":", json_text(value));
  }
  return cat(json_text(std::string(kMetadata)), ":{", out, "}");
}

std::string entry_json(const NamedTensor& tensor, std::size_t begin, std::size_t end) {
  std::string shape;
  for (const std::int64_t size : tensor.shape) {
    shape += (shape.empty() ? "" : ",") + std::to_string(size);
  }
  return cat(json_text(tensor.name), R"(:{"dtype":")", type_name(tensor.values), R"(","shape":[)",
             shape, R"(],"data_offsets":[)", begin, ",", end, "]}");
}

/// The length of the header at the front of `file`, checked against the file's.
std::size_t header_length(const std::string& path, std::string_view file) {
  std::uint64_t length = 0;
  if (file.size() < kLengthBytes) {
    fail_at(path, 0, "has ", file.size(), " bytes, a safetensors file begins with eight that give",
            " the length of its header: it is cut off or another kind of file");
  }
  std::memcpy(&length, file.data(), kLengthBytes);
  const std::size_t rest = file.size() - kLengthBytes;
  if (length > kLongestHeader || length > rest) {
    fail_at(path, 0, "its header should have ", length, " bytes but only ", rest,
            " follow: it is cut off or no safetensors file");
  }
  return static_cast<std::size_t>(length);
}

/// Every byte behind the header belongs to exactly one tensor.
void check_intervals(const std::string& path, const std::vector<TensorEntry>& entries,
                     std::int64_t total) {
  std::vector<const TensorEntry*> order;
  order.reserve(entries.size());
  for (const TensorEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const TensorEntry* a, const TensorEntry* b) { return a->interval < b->interval; });
  std::int64_t end = 0;
  for (const TensorEntry* entry : order) {
    if (entry->interval[1] > total) {
      fail_at(path, 0, shown(entry->name), " should end at byte ", entry->interval[1],
              " of the data but the file has ", total, ": it is cut off or damaged");
    }
    if (entry->interval[0] != end || entry->interval[1] < end) {
      fail_at(path, 0, shown(entry->name), " should begin at byte ", end, " of the data, not at ",
              entry->interval[0], ": tensors overlap or leave gaps, the file is damaged");
    }
    end = entry->interval[1];
  }
  if (end != total) {
    fail_at(path, 0, total - end, " bytes at the end belong to no tensor, the file is damaged");
  }
}

NamedTensor read_tensor(const std::string& path, TensorEntry&& entry, std::string_view data) {
  NamedTensor tensor;
  if (!values_of_type(entry.dtype, tensor.values)) {
    fail_at(path, 0, shown(entry.name), " has the type ", shown(entry.dtype),
            ", only F32, F64, I64 and U8 are read: convert it first");
  }
  const auto begin = static_cast<std::size_t>(entry.interval[0]);
  const auto bytes = static_cast<std::size_t>(entry.interval[1]) - begin;
  const std::size_t size = element_size(tensor.values);
  const std::optional<std::int64_t> count = checked_element_count(entry.shape);
  if (!count || bytes % size != 0 || static_cast<std::uint64_t>(*count) != bytes / size) {
    fail_at(path, 0, shown(entry.name), " has ", bytes, " bytes of ", entry.dtype,
            ", which its shape does not ask for: the file is damaged");
  }
  std::visit(
      [&](auto& values) {
        values.resize(static_cast<std::size_t>(*count));
        if (bytes > 0) std::memcpy(values.data(), data.data() + begin, bytes);
      },
      tensor.values);
  tensor.name = std::move(entry.name);
  tensor.shape = std::move(entry.shape);
  return tensor;
}

}  // namespace

const NamedTensor* TensorFile::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::optional<std::int64_t> checked_element_count(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

std::int64_t element_count(const std::vector<std::int64_t>& shape) {
  const std::optional<std::int64_t> count = checked_element_count(shape);
  require(count.has_value(), "element_count", "a size is negative or the product overflows");
  return *count;
}

std::string safetensors_bytes(const TensorFile& file) {
  std::string header = file.metadata.empty() ? "" : metadata_json(file.metadata);
  std::unordered_set<std::string_view> names{kMetadata};
  std::size_t end = 0;
  for (const NamedTensor& tensor : file.tensors) {
    require(names.insert(tensor.name).second, "safetensors_bytes", shown(tensor.name),
            " is reserved or given twice");
    const std::size_t begin = end;
    end += bytes_of(tensor.values).size();
    require(static_cast<std::size_t>(element_count(tensor.shape)) ==
                (end - begin) / element_size(tensor.values),
            "safetensors_bytes", shown(tensor.name), " has other values than its shape asks for");
    header += (header.empty() ? "" : ",") + entry_json(tensor, begin, end);
  }
  header = cat("{", header, "}");
  header.resize((header.size() + 7) / 8 * 8, ' ');
  require(header.size() <= kLongestHeader, "safetensors_bytes", "the header is beyond 100 MB");

  std::string out(kLengthBytes, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(out.data(), &length, kLengthBytes);
  out.reserve(kLengthBytes + header.size() + end);
  out += header;
  for (const NamedTensor& tensor : file.tensors) out += bytes_of(tensor.values);
  return out;
}

void write_safetensors(const std::string& path, const TensorFile& file) {
  write_file(path, safetensors_bytes(file));
}

TensorFile read_safetensors(const std::string& path) {
  const std::string bytes = read_file(path);
  const std::size_t length = header_length(path, bytes);
  const std::string_view text = std::string_view(bytes).substr(kLengthBytes, length);
  const std::string_view data = std::string_view(bytes).substr(kLengthBytes + length);
  // The format wants the brace at the very front, so that a file is recognised by its ninth byte.
  if (!text.starts_with('{')) fail_at(path, 0, "is no safetensors file: its header is no JSON");
  SafetensorsHeader header = parse_safetensors_header(path, text);
  check_intervals(path, header.entries, static_cast<std::int64_t>(data.size()));
  TensorFile file;
  file.metadata = std::move(header.metadata);
  file.tensors.reserve(header.entries.size());
  for (TensorEntry& entry : header.entries) {
    file.tensors.push_back(read_tensor(path, std::move(entry), data));
  }
  return file;
}

}  // namespace explainn::data
